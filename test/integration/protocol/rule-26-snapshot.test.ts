import { describeGroupTrace } from '../../support/describe-group-trace.ts'
import { afterStatement, afterStatementInTransaction } from '../../support/intercept.ts'

describeGroupTrace({
  rule: '26',
  guard: 'groupSnapshot',
  title: 'a change in the middle of a load is not taken for one that was loaded',
  serverOnly: true,
  async steps(world) {
    await world.sql('insert into $t (g, at, x) values (0, 1, 0), (0, 2, 0)')
    await world.finishAll()
    await world.sql('update $t set at = 3 where at = 2')
    let changed = false
    const change = async (): Promise<void> => {
      if (changed) return
      changed = true
      await world.sql('update $t set at = 4 where at = 1')
    }
    // between the rows and the log, if they were read apart
    const slow = afterStatementInTransaction(afterStatement(world.database, /^select k\._id/u, change), /^select coalesce\(g\.folded/u, change)
    const worker = await world.worker(slow).prepare(0)
    await worker.commit()
  },
})

describeGroupTrace({
  rule: '26',
  guard: 'touchLater',
  title: 'a row that moves while the cell that its group reads is written is seen in the group where it has come to',
  serverOnly: true,
  async steps(world) {
    await world.sql('insert into $t (g, at, x) values (0, 1, 3), (0, 2, 0), (1, 5, 0)')
    await world.finishAll()
    await world.sql('update $t set x = 7 where g = 0 and at = 2')
    const cells = await world.cellTable('c')
    const user = await world.session()
    await user.run('begin')
    // the worker's statement has its snapshot, and waits for the cell
    await user.run(`select from ${cells} where _id = 2 for update`)
    const writing = world.worker().work('fresh')
    await world.waitsForLock()
    await world.sql('update $t set g = 1, at = 6 where _id = 2')
    for (const group of [0, 1]) await (await world.worker().prepare(group)).commit()
    await user.run('commit')
    await writing
  },
})

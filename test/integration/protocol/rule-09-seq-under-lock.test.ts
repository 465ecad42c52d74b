import { describeTrace } from '../../support/describe-trace.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { transactionAsDatabase } from '../../support/transaction-as-database.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '9',
  guard: 'seqUnderLock',
  title: 'a commit that waited for another draws its seq after it',
  serverOnly: true,
  async steps(world) {
    await startProgram(world)
    await world.sql('update $t set x = 2')
    const { cellTable } = await world.table.column('a')
    await using holder = await transactionAsDatabase(world.database)
    const first = await world.worker('default', holder.database).prepare()
    await world.sql('update $t set x = 1')
    await world.sql('update $t set x = 2')
    await world.sql('update $t set y = 0, x = 1')
    const second = await world.worker().prepare()
    // the second commit gets as far as the cell's lock, then the first one commits, then the second goes on
    await holder.database.query(`select from vivant_data."${cellTable}" where _id = 1 for update`)
    const waiting = second.commit()
    await pollUntil('the second commit waits for the first', async () => {
      const { rowCount } = await world.database.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%vivant_data%'`)
      return rowCount > 0
    })
    await first.commit()
    const between = (await holder.database.query<{ seq: number }>(`select seq from vivant_data."${cellTable}" where _id = 1`)).rows[0]!.seq
    await holder.commit()
    await waiting
    const after = (await world.cell('a'))!.seq
    if (after < between) world.violated('I2: the seq of a went backwards')
  },
  reference,
})

import { describeGroupTrace } from '../../support/describe-group-trace.ts'

const rows = 'insert into $t (g, at, x) values (0, 1, 0), (0, 2, 0), (0, 3, 0)'

describeGroupTrace({
  rule: '26',
  guard: 'fenceGroup',
  title: 'a worker that comes late does not replace what a newer one made of its group',
  async steps(world) {
    await world.sql(rows)
    await world.finishAll()
    await world.sql('delete from $t where at = 2')
    const late = await world.worker().prepare(0)
    await world.sql('delete from $t where at = 1')
    const newer = await world.worker().prepare(0)
    await newer.commit()
    await late.commit()
  },
})

describeGroupTrace({
  rule: '26',
  guard: 'groupAsLoaded',
  title: 'what a worker left as it was is as it was when it commits: a change and its undoing come out as nothing',
  async steps(world) {
    await world.sql(rows)
    await world.finishAll()
    await world.sql('update $t set x = 3 where at = 1')
    await world.worker().work('fresh')
    await world.worker().work('fresh')
    const changed = await world.worker().prepare(0)
    await world.sql('update $t set x = 0 where at = 1')
    await world.worker().work('fresh')
    await world.worker().work('fresh')
    const undone = await world.worker().prepare(0)
    await changed.commit()
    await undone.commit()
  },
})

describeGroupTrace({
  rule: '26',
  guard: 'foldLoaded',
  title: 'a change that a worker has not seen stays in the log when it commits',
  async steps(world) {
    await world.sql(rows)
    await world.finishAll()
    await world.sql('delete from $t where at = 3')
    const worker = await world.worker().prepare(0)
    await world.sql('delete from $t where at = 1')
    await worker.commit()
  },
})

describeGroupTrace({
  rule: '26',
  guard: 'dirtyMark',
  title: 'who continues a group begins where the last piece ended',
  async steps(world) {
    await world.sql(rows)
    await world.finishAll()
    await world.sql('insert into $t (g, at, x) values (0, 0, 7)')
    await world.worker().work('fresh')
    await world.worker().work('fresh')
    const piece = await world.worker().prepare(0, 1)
    await piece.commit()
  },
})

describeGroupTrace({
  rule: '26',
  guard: 'fenceMovedRows',
  title: 'a worker of the group that a row has left does not write what it saw of it there',
  async steps(world) {
    await world.sql('insert into $t (g, at, x) values (0, 1, 3), (0, 2, 0), (1, 5, 0)')
    await world.finishAll()
    await world.sql('update $t set at = 3 where g = 0 and at = 2')
    const late = await world.worker().prepare(0)
    await world.sql('update $t set g = 1, at = 6 where at = 3')
    const other = await world.worker().prepare(1)
    await other.commit()
    await late.commit()
  },
})

import { describeGroupTrace } from '../../support/describe-group-trace.ts'

describeGroupTrace({
  rule: '26',
  guard: 'logDeletes',
  title: 'the rows behind one that is deleted are computed without it',
  async steps(world) {
    await world.sql('insert into $t (g, at, x) values (0, 1, 1), (0, 2, 2)')
    await world.finishAll()
    await world.sql('delete from $t where at = 1')
  },
})

describeGroupTrace({
  rule: '26',
  guard: 'logBothPlaces',
  title: 'a row that moves leaves the place where it was, and those behind that are computed without it',
  async steps(world) {
    await world.sql('insert into $t (g, at, x) values (0, 1, 1), (0, 2, 2), (0, 3, 3), (1, 1, 1)')
    await world.finishAll()
    await world.sql('update $t set g = 1, at = 9 where g = 0 and at = 1')
  },
})

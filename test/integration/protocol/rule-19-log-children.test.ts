import { describeRollUpTrace } from '../../support/describe-roll-up-trace.ts'

describeRollUpTrace({
  rule: '19',
  guard: 'logChildren',
  title: 'a change of a row of a view, or of its cell, reaches the column of the parent that reads it',
  async steps(world) {
    await world.sql('insert into $p (x) values (2)')
    await world.finishAll()
    await world.sql('update $v set mark = 7 where pos = 1')
  },
})

describeRollUpTrace({
  rule: '19',
  guard: 'expansionFollows',
  title: 'the end of an expansion reaches the columns of the parent that read its rows',
  async steps(world) {
    await world.sql('insert into $p (x) values (2)')
    await world.finishAll()
    await world.sql('update $p set x = 3')
    await world.work('expansion')
  },
})

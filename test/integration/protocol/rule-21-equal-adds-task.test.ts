import { describeRollUpTrace } from '../../support/describe-roll-up-trace.ts'

describeRollUpTrace({
  rule: '21',
  guard: 'equalAddsTask',
  title: 'a column that waits for all rows is looked at again when the last of them comes out equal',
  async steps(world) {
    await world.sql('insert into $p (x) values (2)')
    await world.finishAll()
    await world.sql('update $v set mark = 5 where pos = 0')
    await world.work('view')
    // 10 % 10 is what it was: its seq will not move
    await world.sql('update $v set mark = 10 where pos = 1')
    // finds that not all is there, and ends
    await world.work('parent')
    await world.work('view')
  },
})

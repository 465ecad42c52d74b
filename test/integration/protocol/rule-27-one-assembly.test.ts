import { Gate } from '../../support/describe-view-trace.ts'
import { describeRollUpTrace } from '../../support/describe-roll-up-trace.ts'

describeRollUpTrace({
  rule: '27',
  guard: 'oneAssembly',
  title: 'a function over all rows of a view is not called again while another claim has called it',
  async steps(world) {
    await world.sql('insert into $p (x) values (2)')
    await world.finishAll()
    await world.sql('update $v set mark = 5 where pos = 0')
    await world.work('view')
    world.lists.length = 0
    const gate = (world.gate = new Gate())
    const first = world.work('parent')
    await gate.reached
    // another reason to look at the row, which changes nothing of the list
    await world.sql('update $v set mark = 10 where pos = 1')
    await world.work('view')
    world.gate = null
    await world.work('parent')
    gate.open()
    await first
    await world.finishAll()
    if (world.lists.length > 1) world.violated(`I5: called for ${world.lists.map((list) => `[${list.join(', ')}]`).join(' and ')}`)
  },
})

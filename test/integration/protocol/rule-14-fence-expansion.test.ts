import { describeViewTrace, Gate } from '../../support/describe-view-trace.ts'

describeViewTrace({
  rule: '14',
  guard: 'fenceExpansion',
  title: 'the rows of an older value, which come late, do not replace those of a newer one',
  async steps(world) {
    const gate = new Gate()
    world.lists(1, async function* () {
      await gate.pass()
      yield 'a'
    })
    world.lists(2, () => ['b'])
    await world.sql('insert into $p (x) values (1)')
    const late = world.work()
    await gate.reached
    await world.sql('update $p set x = 2')
    await world.work()
    gate.open()
    await late
  },
  reference: (x) => (x === 1 ? ['a'] : ['b']),
})

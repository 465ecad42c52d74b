import { describeViewTrace } from '../../support/describe-view-trace.ts'

describeViewTrace({
  rule: '18',
  guard: 'diffByContent',
  title: 'a row whose content stays is not made again when the one before it goes',
  async steps(world) {
    world.lists(1, () => ['u', 'v'])
    world.lists(2, () => ['v'])
    await world.sql('insert into $p (x) values (1)')
    await world.work()
    const before = (await world.children()).find(({ text }) => text === 'v')
    await world.sql('update $p set x = 2')
    await world.work()
    const after = (await world.children()).find(({ text }) => text === 'v')
    if (after?.id !== before?.id) world.violated('I5: the content v, which a row already had, is made again')
  },
  reference: (x) => (x === 1 ? ['u', 'v'] : ['v']),
})

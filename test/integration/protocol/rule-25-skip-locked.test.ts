import { setTimeout as sleep } from 'node:timers/promises'
import { describeViewTrace, type ViewWorld } from '../../support/describe-view-trace.ts'
import { pollUntil } from '../../support/poll-until.ts'

/** The work, once it is over or waits for a lock. */
async function underWay(world: ViewWorld, work: Promise<void>): Promise<void> {
  let isOver = false
  void work.then(() => (isOver = true))
  await pollUntil('the worker is done, or waits', async () => isOver || (await world.isWaiting()))
}

const lists = (world: ViewWorld): void => {
  world.lists(1, () => ['a', 'b'])
  world.lists(2, () => ['c', 'b'])
}
const reference = (x: number): readonly string[] => (x === 1 ? ['a', 'b'] : ['c', 'b'])

describeViewTrace({
  rule: '25',
  guard: 'skipLocked',
  title: 'a user who has locked a row of a view deletes its parent, whatever a worker is at',
  serverOnly: true,
  async steps(world) {
    lists(world)
    await world.sql('insert into $p (x) values (1), (1)')
    await world.finishAll()
    await world.sql('update $p set x = 2')
    const user = await world.session()
    await user.run('begin')
    await user.run(world.named('select from $v where _parent = 1 for update'))
    const work = world.work()
    await underWay(world, work)
    // a worker that waits has found no deadlock yet when its look at it is over
    if (await world.isWaiting()) await sleep(1200)
    try {
      await user.run(world.named('delete from $p where _id = 1'))
      await user.run('commit')
    } catch (error) {
      world.violated(`X: ${(error as Error).message}`)
      await user.run('rollback')
    }
    await work
  },
  reference,
})

describeViewTrace({
  rule: '25',
  guard: 'skipLocked',
  title: 'a worker settles the other parents while one is being deleted, and that one afterwards',
  serverOnly: true,
  async steps(world) {
    lists(world)
    await world.sql('insert into $p (x) values (1), (1), (1)')
    await world.finishAll()
    await world.sql('update $p set x = 2')
    const user = await world.session()
    await user.run('begin')
    await user.run(world.named('delete from $p where _id = 2'))
    const work = world.work()
    await underWay(world, work)
    if (await world.isWaiting()) world.violated('I4: the worker waits for the user')
    else if ((await world.children()).filter(({ text }) => text === 'c').length !== 2) world.violated('I4: the other parents wait for the user')
    await user.run('rollback')
    await work
  },
  reference,
})

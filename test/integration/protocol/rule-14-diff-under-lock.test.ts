import { guards } from '@vivant/storage'
import { describeViewTrace, Gate } from '../../support/describe-view-trace.ts'
import { afterStatementInTransaction } from '../../support/intercept.ts'

const list = ['u', 'v']

describeViewTrace({
  rule: '14',
  guard: 'diffUnderLock',
  title: 'what a worker compares its rows with was not there before it had the lock of the expansion',
  serverOnly: true,
  async steps(world) {
    const gate = new Gate()
    world.lists(0, () => list)
    world.lists(1, async function* () {
      await gate.pass()
      yield* []
    })
    world.lists(2, () => list)
    await world.sql('insert into $p (x) values (0)')
    await world.finishAll()
    await world.sql('update $p set x = 1')
    const first = world.work()
    await gate.reached
    await world.sql('update $p set x = 2')
    // between the look at the rows, where it comes too early, and the lock: the other worker takes all of them away
    const pattern = guards.diffUnderLock ? /for key share/u : /^select c\.id, i\.parent/u
    await world.work(
      afterStatementInTransaction(world.database, pattern, async () => {
        gate.open()
        await first
      }),
    )
  },
  reference: (x) => (x === 1 ? [] : list),
})

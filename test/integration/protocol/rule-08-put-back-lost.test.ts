import { describeTrace } from '../../support/describe-trace.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '8',
  guard: 'putBackLost',
  title: 'a row whose write lost the fence is looked at again',
  async steps(world) {
    await startProgram(world)
    await world.sql('update $t set x = 2')
    const first = await world.worker().prepare()
    await world.sql('update $t set y = 1')
    const second = await world.worker().prepare()
    await first.commit()
    await second.commit()
  },
  reference,
})

import { describeTrace } from '../../support/describe-trace.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '10',
  guard: 'putBackUnplanned',
  title: 'an older plan that commits late leaves no reader behind',
  async steps(world) {
    await startProgram(world)
    await world.sql('update $t set x = 2')
    const first = await world.worker().prepare()
    await world.sql('update $t set x = 1')
    const second = await world.worker().prepare()
    await first.commit()
    await second.commit()
  },
  reference,
})

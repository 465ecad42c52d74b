import { describeTrace } from '../../support/describe-trace.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '6',
  guard: 'returnedSeq',
  title: 'a cell written together with its input has the token of what was written',
  async steps(world) {
    await startProgram(world)
    await world.sql('update $t set x = 2, y = 1')
    await world.worker().claimAndCommit()
  },
  reference,
})

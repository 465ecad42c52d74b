import { describeTrace } from '../../support/describe-trace.ts'
import { afterStatement } from '../../support/intercept.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '2',
  guard: 'oneSnapshot',
  title: 'a change that commits in the middle of a load does not lend its revision to an older value',
  async steps(world) {
    await startProgram(world)
    await world.sql('update $t set x = 2')
    // between the load's values and its revisions, if they were read apart
    const slow = afterStatement(world.database, /^select k\._id/u, () => world.sql('update $t set x = 1'))
    await world.worker('default', slow).claimAndCommit()
    await world.worker().claimAndCommit()
  },
  reference,
})

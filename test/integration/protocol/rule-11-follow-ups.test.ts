import { describeTrace } from '../../support/describe-trace.ts'
import { referenceWithC, startProgram } from './program.ts'

describeTrace({
  rule: '11',
  guard: 'followUpsInside',
  title: 'after the commit of one pool, and no step more, the readers in another pool are covered',
  async steps(world) {
    await startProgram(world, { withC: true })
    await world.sql('update $t set x = 2')
    await world.worker().claimAndCommit()
  },
  reference: referenceWithC,
})

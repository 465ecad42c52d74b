import { describeTrace } from '../../support/describe-trace.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '22',
  guard: 'tombstone',
  title: 'a row that comes back under an old id does not wear its old cells',
  async steps(world) {
    await startProgram(world)
    await world.sql('delete from $t where _id = 1')
    await world.sql('insert into $t (_id, x, y) overriding system value values (1, 2, 1)')
    await world.worker().claimAndCommit()
  },
  reference,
})

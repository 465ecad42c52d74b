import { describeTrace } from '../../support/describe-trace.ts'
import { computed } from '../../support/test-table.ts'
import { h, reference, startProgram } from './program.ts'

describeTrace({
  rule: '5',
  guard: 'schemaCheck',
  title: 'a worker with an older catalog does not end the task of a column that it does not know',
  async steps(world) {
    await startProgram(world)
    const old = await world.table.model()
    await world.table.add(computed('q', (r) => h(r['y']!)))
    const behind = world.worker()
    const slice = (await behind.claimSlice())!
    const chunk = await behind.load(slice, old)
    await chunk.evaluate()
    await chunk.commit()
  },
  reference: (row) => ({ ...reference(row), q: row.y }),
})

import { describeTrace } from '../../support/describe-trace.ts'
import { computed } from '../../support/test-table.ts'
import { f, h } from './program.ts'

describeTrace({
  rule: '13',
  guard: 'sliceWithTask',
  title: 'a slice that is marked swept is a task from that moment on',
  async steps(world) {
    world.use(f, h)
    await world.table.add(computed('a', (r) => f(r['x']!)))
    await world.sql('insert into $t (x, y) values (0, 1), (1, 1), (2, 1)')
    await world.finishAll()
    await world.table.add(computed('b', (r) => h(r['y']!)))
    // the worker dies with the slice in its hands
    await world.worker().claimSlice(2)
    await world.database.query('update vivant.task set owner = null, leased_until = null')
  },
  reference: ({ x, y }) => ({ a: [0, 0, 1][x]!, b: y }),
})

import { t, udf } from '@vivant/core'
import { describeTrace } from '../../support/describe-trace.ts'
import { computed } from '../../support/test-table.ts'

const f = udf({ name: 'f', input: [t.int()], output: t.int() }, (x) => x * 10)

describeTrace({
  rule: '1',
  guard: 'revisionOnUpdate',
  title: 'an update is seen by the cell that reads it',
  async steps(world) {
    world.use(f)
    await world.table.add(computed('a', (r) => f(r['x']!)))
    await world.sql('insert into $t (x, y) values (0, 0)')
    await world.worker().claimAndCommit()
    await world.sql('update $t set x = 2')
    await world.worker().claimAndCommit()
  },
  reference: ({ x }) => ({ a: x * 10 }),
})

import { t, udf } from '@vivant/core'
import { enqueue } from '@vivant/queue'
import { describeTrace } from '../../support/describe-trace.ts'
import { computed } from '../../support/test-table.ts'
import { g } from './program.ts'

let offset = 0
const f = udf({ name: 'f_outside', input: [t.int()], output: t.int() }, (x) => x + offset)

describeTrace({
  rule: '28',
  guard: 'rerunAlone',
  title: 'a cell that is run again for the same inputs takes nothing along that another worker has made newer',
  async steps(world) {
    offset = 0
    world.use(f, g)
    await world.table.add(computed('a', (r) => f(r['x']!)))
    await world.table.add(computed('b', (r) => g(r['y']!, r['a']!)))
    await world.sql('insert into $t (x, y) values (0, 0)')
    await world.finishAll()
    offset = 3
    const { id } = await world.table.column('a')
    await enqueue(world.database, { tableId: world.table.id, pool: 'default', kind: 'fresh', ids: [1], columns: [id], forced: true })
    const forced = await world.worker().prepare()
    await world.sql('update $t set y = 1')
    await world.worker().claimAndCommit()
    await world.drawNumbers()
    await forced.commit()
  },
  reference: ({ x, y }) => ({ a: x + 3, b: 2 * y + x + 3 }),
})

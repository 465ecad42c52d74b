import { PermanentError, t, udf } from '@vivant/core'
import { describeTrace } from '../../support/describe-trace.ts'
import { computed } from '../../support/test-table.ts'
import { g } from './program.ts'

let broken = false
const f = udf({ name: 'f_sometimes', input: [t.int()], output: t.int() }, (x) => {
  if (broken) throw new PermanentError('not today')
  return x
})

describeTrace({
  rule: '7',
  guard: 'strictFence',
  title: 'of two workers with the same inputs the first one wins, so a reader of the other cannot be newer with older inputs',
  async steps(world) {
    world.use(f, g)
    await world.table.add(computed('a', (r) => f(r['x']!)))
    await world.table.add(computed('b', (r) => g(r['y']!, r['a']!)))
    await world.sql('insert into $t (x, y) values (0, 0)')
    await world.finishAll()
    await world.sql('update $t set x = 2')
    const first = await world.worker().prepare()
    await world.sql('update $t set y = 1')
    broken = true
    const second = await world.worker().prepare()
    broken = false
    await second.commit()
    await world.drawNumbers()
    await first.commit()
  },
  // the second worker's failure is final
  reference: () => ({ a: 'failed', b: 'blocked' }),
})

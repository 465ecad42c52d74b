import { PermanentError, t, udf } from '@vivant/core'
import { describeTrace } from '../../support/describe-trace.ts'
import { computed } from '../../support/test-table.ts'

/** Fails with the value part of a success: null. */
const f = udf({ name: 'f_null', input: [t.int()], output: t.int().nullable() }, (x) => {
  if (x === 2) throw new PermanentError('no twos')
  return null
})
const g = udf({ name: 'g_null', input: [t.int(), t.int().nullable()], output: t.int() }, (y, a) => 2 * y + (a ?? 7))

describeTrace({
  rule: '9',
  guard: 'seqOnStatus',
  title: 'a cell that fails without a change of its value disturbs what reads it',
  async steps(world) {
    world.use(f, g)
    await world.table.add(computed('a', (r) => f(r['x']!)))
    await world.table.add(computed('b', (r) => g(r['y']!, r['a']!)))
    await world.sql('insert into $t (x, y) values (0, 0)')
    await world.finishAll()
    await world.sql('update $t set x = 2')
    await world.worker().claimAndCommit()
  },
  reference: ({ x, y }) => (x === 2 ? { a: 'failed', b: 'blocked' } : { a: null, b: 2 * y + 7 }),
})

import { t, udf } from '@vivant/core'
import type { Expected, TraceRow, TraceWorld } from '../../support/describe-trace.ts'
import { computed } from '../../support/test-table.ts'

/** Two of three x give the same a. */
const results = [0, 0, 1]
export const f = udf({ name: 'f', input: [t.int()], output: t.int() }, (x) => [0, 0, 1][x] ?? 0)
export const g = udf({ name: 'g', input: [t.int(), t.int()], output: t.int() }, (y, a) => 2 * y + a)
export const h = udf({ name: 'h', input: [t.int()], output: t.int() }, (b) => b)

/** The program of the model: a = f(x), b = g(y, a); with `c`, c = h(b) in another pool. One row, computed, at rest. */
export async function startProgram(world: TraceWorld, { withC = false } = {}): Promise<void> {
  world.use(f, g, h)
  await world.table.add(computed('a', (r) => f(r['x']!)))
  await world.table.add(computed('b', (r) => g(r['y']!, r['a']!)))
  if (withC) await world.table.add(computed('c', (r) => h(r['b']!), { pool: 'second' }))
  await world.sql('insert into $t (x, y) values (0, 0)')
  await world.finishAll()
}

export function reference({ x, y }: TraceRow): { readonly a: number; readonly b: number } {
  const a = results[x] ?? 0
  return { a, b: 2 * y + a }
}

export function referenceWithC(row: TraceRow): Readonly<Record<string, Expected>> {
  const { a, b } = reference(row)
  return { a, b, c: b }
}

import { PermanentError, t, udf, type HasFunction, type RetryPolicy } from '@vivant/core'
import type { ColumnDeclaration } from '@vivant/storage'
import { FunctionLibrary } from '../function-library.ts'
import { computed, type IntRow } from '../test-table.ts'

type Value = number | null

/** A column of the program in one of its variants: declared to the product, and evaluated here by a few lines of its own. */
export interface ProgramColumn {
  readonly name: string
  readonly declaration: ColumnDeclaration
  readonly functions: readonly HasFunction[]
  readonly reads: readonly string[]
  /** Failed inputs read as null by who reads this column. */
  readonly givesNull: boolean
  readonly when?: (value: (column: string) => Value) => boolean
  readonly evaluate: (value: (column: string) => Value, attempt: number) => Value
}

export interface ReferenceCell {
  readonly status: 'ok' | 'failed' | 'blocked' | 'skipped'
  readonly value: Value
}

/** What a service says that is down for the moment. */
class Unavailable extends Error {
  readonly status = 503
}

const attempts = 3
const retry: RetryPolicy = { attempts, backoff: 'constant', initialMs: 1, maxMs: 2 }

type Code = (values: readonly Value[], attempt: number) => Value

interface Shape {
  readonly name: string
  readonly variant: number
  readonly reads: readonly string[]
  readonly code: Code
  readonly nullable?: boolean
  readonly batch?: number
  readonly pool?: string
  readonly givesNull?: boolean
  readonly when?: { readonly expression: (row: IntRow) => unknown; readonly test: (value: (column: string) => Value) => boolean }
  /** What the function is called with, where it is not the columns as they are. */
  readonly operands?: { readonly expressions: (row: IntRow) => readonly unknown[]; readonly values: (value: (column: string) => Value) => readonly Value[] }
}

function column({ name, variant, reads, code, nullable = false, batch, pool, givesNull = false, when, operands }: Shape): ProgramColumn {
  const count = operands ? operands.values(() => null).length : reads.length
  // sums of columns are floats
  const input = operands ? (nullable ? t.float().nullable() : t.float()) : nullable ? t.int().nullable() : t.int()
  const options = { name: `${name}_${variant}`, version: '1', input: Array.from({ length: count }, () => input), output: t.int().nullable() }
  const fn = batch
    ? udf({ ...options, batch }, (...args: readonly unknown[]) => {
        const lists = args.slice(0, -1) as unknown as (readonly Value[])[]
        return lists[0]!.map((_, row) =>
          code(
            lists.map((list) => list[row]!),
            1,
          ),
        )
      })
    : udf(options, (...args: readonly unknown[]) => code(args.slice(0, -1) as unknown as Value[], (args.at(-1) as { attempt: number }).attempt))
  const call = fn as unknown as (...args: readonly unknown[]) => unknown
  return {
    name,
    reads,
    givesNull,
    functions: [fn],
    declaration: computed(name, (row) => call(...(operands ? operands.expressions(row) : reads.map((read) => row[read]!))), {
      pool: pool ?? 'default',
      retry,
      onError: givesNull ? 'null' : 'block',
      ...(when ? { when: when.expression } : {}),
    }),
    ...(when ? { when: when.test } : {}),
    evaluate: (value, attempt) => {
      const values = operands ? operands.values(value) : reads.map((read) => value(read))
      return !nullable && values.includes(null) ? null : code(values, attempt)
    },
  }
}

const sum = (values: readonly Value[]): number => values.reduce<number>((total, value) => total + (value ?? 100), 0)
const mod = (value: number, by: number): number => ((value % by) + by) % by

/**
 * Four levels deep, over two pools: `a` loses differences (early cutoff), `b` is batched, `c` fails now and then and lets its
 * readers have null, `e` has a condition, `p` fails for good and blocks `r`, `s` reaches its inputs through an expression.
 */
export const baseProgram = {
  a: [0, 1, 2].map((variant) => column({ name: 'a', variant, reads: ['x'], code: ([x]) => mod(x! * (variant + 1) + variant, 3) })),
  b: [0, 1].map((variant) => column({ name: 'b', variant, reads: ['y', 'a'], batch: 4, code: ([y, a]) => y! * 2 + a! + variant * 7 })),
  c: [0, 1].map((variant) =>
    column({
      name: 'c',
      variant,
      reads: ['b'],
      pool: 'slow',
      givesNull: true,
      code: ([b], attempt) => {
        // 0 and 1 at once, 2 and 3 after one and two failures, 4 never
        if (attempt < mod(b! + variant, 5)) throw new Unavailable('come back later')
        return b! * 3
      },
    }),
  ),
  d: [0, 1].map((variant) => column({ name: 'd', variant, reads: ['a', 'c'], nullable: true, code: (values) => sum(values) + variant })),
  e: [0, 1].map((variant) =>
    column({
      name: 'e',
      variant,
      reads: ['y', 'b', 'a'],
      nullable: true,
      code: (values) => sum(values) * 2 + variant,
      when: { expression: (row) => row['a']!.gt(variant), test: (value) => (value('a') ?? -1) > variant },
    }),
  ),
  p: [0, 1].map((variant) =>
    column({
      name: 'p',
      variant,
      reads: ['e', 'z'],
      nullable: true,
      pool: 'slow',
      code: ([e, z]) => {
        if (mod(z ?? 0, 4) === 3) throw new PermanentError('no threes')
        return (e ?? -5) + (z ?? 0) + variant
      },
    }),
  ),
  r: [0].map((variant) => column({ name: 'r', variant, reads: ['p', 'd'], nullable: true, code: sum })),
  s: [0, 1].map((variant) =>
    column({
      name: 's',
      variant,
      reads: ['x', 'y'],
      nullable: true,
      operands: {
        expressions: (row) => [row['x']!.add(row['y']!)],
        values: (value) => (value('x') === null || value('y') === null ? [null] : [value('x')! + value('y')!]),
      },
      code: ([total]) => (total ?? 0) * 11 + variant,
    }),
  ),
} as const satisfies Readonly<Record<string, readonly ProgramColumn[]>>

/** Columns that a history adds while it runs. */
export const laterColumns: readonly ProgramColumn[] = [
  column({ name: 'n1', variant: 0, reads: ['d', 'y'], nullable: true, code: sum }),
  column({ name: 'n2', variant: 0, reads: ['z'], pool: 'slow', code: ([z]) => -z! }),
  column({ name: 'n3', variant: 0, reads: ['r', 'c'], nullable: true, pool: 'slow', code: sum }),
]

export const allColumns: readonly ProgramColumn[] = [...Object.values(baseProgram).flat(), ...laterColumns]

/** The functions of every variant: what a worker process can run. */
export function programFunctions(): FunctionLibrary {
  return new FunctionLibrary(...allColumns.flatMap(({ functions }) => functions))
}

/** What every cell of a row is at rest, straight from the definition: no tokens, no order, no attempts that are remembered. */
export function referenceCells(columns: readonly ProgramColumn[], row: Readonly<Record<string, Value>>): ReadonlyMap<string, ReferenceCell> {
  const cells = new Map<string, ReferenceCell>()
  const cellOf = (entry: ProgramColumn): ReferenceCell => {
    const known = cells.get(entry.name)
    if (known) return known
    const inputs = columns.filter(({ name }) => entry.reads.includes(name))
    const blocked = inputs.some((input) => !input.givesNull && ['failed', 'blocked'].includes(cellOf(input).status))
    const value = (name: string): Value => {
      const input = inputs.find((candidate) => candidate.name === name)
      return input ? cellOf(input).value : (row[name] ?? null)
    }
    const cell = blocked ? final('blocked') : entry.when && !entry.when(value) ? final('skipped') : evaluate(entry, value)
    cells.set(entry.name, cell)
    return cell
  }
  for (const entry of columns) cellOf(entry)
  return cells
}

function final(status: 'failed' | 'blocked' | 'skipped'): ReferenceCell {
  return { status, value: null }
}

function evaluate(entry: ProgramColumn, value: (column: string) => Value): ReferenceCell {
  for (let attempt = 1; attempt <= attempts; attempt++)
    try {
      return { status: 'ok', value: entry.evaluate(value, attempt) }
    } catch (error) {
      if (error instanceof PermanentError) break
    }
  return final('failed')
}

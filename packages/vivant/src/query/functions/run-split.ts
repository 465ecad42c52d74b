import {
  type CallNode,
  comparator,
  type DataType,
  describeNode,
  type ExpressionNode,
  filled,
  type FunctionDefinition,
  mapNode,
  VivantError,
} from '@vivant/core'
import { evaluateExpression, type FunctionEnvironment } from '@vivant/engine'
import {
  abortError,
  type OrderKey,
  type QueryPlace,
  type QuerySources,
  runQuery,
  streamQuery,
  throwIfAborted,
  valueDecoder,
  type ValueRows,
} from '@vivant/storage'
import { outputSource, type SplitQuery } from './split-query.ts'

/** What functions run with. */
export interface SplitRun {
  readonly place: QueryPlace
  readonly sources: QuerySources
  readonly environment: FunctionEnvironment
  readonly functionOf: (call: CallNode) => FunctionDefinition | undefined
}

/** The most rows in memory at once, but for those of a sorted result. */
const maxRows = 1000
/** Where a limit may end the query early, conditions run on few rows first, and on more as it goes on. */
const firstRows = 32

/** The results of a split query, in batches: their values in the order of its `select`, media as references. */
export async function* runSplit(run: SplitRun, split: SplitQuery): AsyncGenerator<ValueRows, void, undefined> {
  if (split.limit === 0) return
  if (split.orderBy !== null) yield* sortedRows(run, split, split.orderBy)
  else yield* rowsInOrder(run, split)
}

async function* rowsInOrder(run: SplitRun, split: SplitQuery): AsyncGenerator<ValueRows, void, undefined> {
  let [skip, left] = [split.offset, split.limit ?? Number.POSITIVE_INFINITY]
  for await (const found of matchingRows(run, split)) {
    const rows = found.slice(skip, skip + left)
    skip = Math.max(0, skip - found.length)
    left -= rows.length
    if (rows.length > 0) yield await results(run, split, rows)
    if (left === 0) return
  }
}

/** With a limit only the first so many are kept; without one all have to be there before the first is known. */
async function* sortedRows(run: SplitRun, split: SplitQuery, order: readonly OrderKey[]): AsyncGenerator<ValueRows, void, undefined> {
  const wanted = split.limit === null ? Number.POSITIVE_INFINITY : split.offset + split.limit
  const compare = rowOrder(order)
  let kept: SortedRow[] = []
  for await (const rows of matchingRows(run, split)) {
    const keys = await Promise.all(order.map(({ node }) => values(run, split, node, rows)))
    for (const [index, row] of rows.entries()) kept.push({ row, keys: keys.map((list) => list[index]) })
    if (kept.length > 2 * wanted + maxRows) kept = kept.toSorted(compare).slice(0, wanted)
  }
  const all = kept.toSorted(compare).slice(split.offset, wanted)
  for (let from = 0; from < all.length; from += maxRows) {
    yield await results(
      run,
      split,
      all.slice(from, from + maxRows).map(({ row }) => row),
    )
  }
}

interface SortedRow {
  readonly row: readonly unknown[]
  readonly keys: readonly unknown[]
}

function rowOrder(order: readonly OrderKey[]): (a: SortedRow, b: SortedRow) => number {
  const comparators = order.map(({ node, direction }) => nullsLast(node.type, direction))
  return (a, b) => {
    for (const [index, compare] of comparators.entries()) {
      const found = compare(a.keys[index], b.keys[index])
      if (found !== 0) return found
    }
    return 0
  }
}

function nullsLast(type: DataType, direction: 'asc' | 'desc'): (a: unknown, b: unknown) => number {
  const compare = comparator(type) as (a: unknown, b: unknown) => number
  const sign = direction === 'desc' ? -1 : 1
  return (a, b) => (a === null || b === null ? Number(a === null) - Number(b === null) : sign * compare(a, b))
}

/** The rows that PostgreSQL gives and the conditions of functions leave: decoded, in batches. */
async function* matchingRows(run: SplitRun, split: SplitQuery): AsyncGenerator<ValueRows, void, undefined> {
  const decoders = split.sql.select.map(({ type }) => valueDecoder(type))
  const endsEarly = split.where.length > 0 && split.limit !== null && split.orderBy === null
  let size = endsEarly ? firstRows : maxRows
  for await (const page of pages(run, split)) {
    for (let from = 0; from < page.length;) {
      throwIfAborted(run.place.signal)
      const rows = page.slice(from, from + size).map((row) => decoders.map((decode, index) => decode(row[index])))
      from += size
      size = Math.min(2 * size, maxRows)
      const found = await matching(run, split, rows)
      if (found.length > 0) yield found
    }
  }
}

async function* pages({ place, sources }: SplitRun, { sql }: SplitQuery): AsyncGenerator<ValueRows, void, undefined> {
  if (sql.limit !== null && sql.limit <= maxRows) yield await runQuery(place, sql, sources)
  else yield* streamQuery(place, sql, sources, maxRows)
}

/** One condition after the other, so that the next runs on what is left. */
async function matching(run: SplitRun, split: SplitQuery, rows: ValueRows): Promise<ValueRows> {
  let left = rows
  for (const condition of split.where) {
    const truths = await values(run, split, condition, left)
    left = left.filter((_row, index) => truths[index] === true)
  }
  return left
}

async function results(run: SplitRun, split: SplitQuery, rows: ValueRows): Promise<ValueRows> {
  const lists = await Promise.all(split.select.map((node) => values(run, split, node, rows)))
  return rows.map((_row, index) => lists.map((list) => list[index]))
}

/** An expression over some rows. FUNCTION_FAILED with the first row for which a function threw. */
async function values(run: SplitRun, split: SplitQuery, node: ExpressionNode, rows: ValueRows): Promise<readonly unknown[]> {
  if (rows.length === 0) return []
  const { environment, place } = run
  if (node.node === 'column') return rows.map((row) => row[Number(node.column)] ?? null)
  const idOf = (row: number): number => (split.id === null ? row : Number(rows[row]?.[split.id]))
  const outcome = await evaluateExpression(node, {
    rows: filled(rows.length, 0).map((_zero, row) => row),
    rowCount: rows.length,
    idsOf: (some) => some.map(idOf),
    column: ({ column }) => {
      const output = Number(column)
      return (row) => rows[row]?.[output] ?? null
    },
    list: () => null,
    functionOf: (call) => run.functionOf(call) ?? notHere(call),
    attemptOf: () => 1,
    maxAttempts: () => 1,
    keyOf: (row) => `query:${idOf(row)}`,
    environment,
    signal: place.signal ?? new AbortController().signal,
  }).catch((error: unknown) => {
    throw place.signal?.aborted ? abortError(place.signal) : error
  })
  const [first] = outcome.failures
  if (first) throw failed(asWritten(split, node), split.id === null ? null : idOf(first[0]), first[1].error)
  return outcome.values
}

/** With what stands for an output of PostgreSQL as the user wrote it. */
function asWritten({ sql: { select } }: SplitQuery, node: ExpressionNode): ExpressionNode {
  return mapNode(node, (inner) => (inner.node === 'column' && inner.source === outputSource ? select[Number(inner.column)] : undefined))
}

function failed(node: ExpressionNode, id: number | null, error: { readonly code: string; readonly message: string }): VivantError {
  const row = id === null ? 'a group' : `the row ${id}`
  return new VivantError('FUNCTION_FAILED', `${describeNode(node)} failed for ${row}: ${error.message}`, {
    details: { ...(id === null ? {} : { id }), code: error.code },
  })
}

function notHere(call: CallNode): never {
  throw new VivantError('FUNCTION_NOT_REGISTERED', `The code of ${describeNode(call)} is not in this process.`, { details: { function: call.function.name } })
}

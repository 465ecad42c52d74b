import { type ExpressionNode, type FunctionDefinition, type SampleClause, VivantError } from '@vivant/core'
import type { OrderKey, QuerySpec } from '@vivant/storage'
import type { FreshOptions } from './query.ts'
import type { QueriedTable } from './queried-table.ts'
import type { ParsedSelection } from './selection.ts'

/** What the clauses of a query say so far; each gives a copy. */
export interface QueryState {
  readonly tables: readonly [QueriedTable, ...QueriedTable[]]
  readonly where: QuerySpec['where']
  readonly groups: Groups | null
  readonly having: readonly ExpressionNode[]
  readonly distinct: boolean
  readonly distinctOn: readonly ExpressionNode[]
  readonly sample: SampleClause | null
  /** Where the rows begin. */
  readonly cursor: string | null
  readonly orderBy: readonly OrderKey[]
  readonly limit: number | null
  readonly offset: number
  readonly ready: boolean
  readonly fresh: FreshOptions | null
  /** The code of the functions in all clauses. */
  readonly functions: ReadonlySet<FunctionDefinition>
  /** Null: every column. */
  readonly selection: ParsedSelection | null
}

export interface Groups {
  readonly keys: ParsedSelection
  /** What callbacks get: the keys, the rows as grouped columns, the values. */
  readonly rows: readonly unknown[]
}

/** All rows of a table. */
export function allRows(table: QueriedTable): QueryState {
  return Object.freeze<QueryState>({
    tables: [table],
    where: [],
    groups: null,
    having: [],
    distinct: false,
    distinctOn: [],
    sample: null,
    cursor: null,
    orderBy: [],
    limit: null,
    offset: 0,
    ready: false,
    fresh: null,
    functions: new Set(),
    selection: null,
  })
}

/** A number of rows. Throws VALUE_INVALID. */
export function parseRowCount(value: unknown, place: string, least: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
  throw new VivantError('VALUE_INVALID', `${place} takes a whole number from ${least} on, not ${String(value)}.`, { details: { value } })
}

export function parseDirection(value: unknown): 'asc' | 'desc' {
  if (value === 'asc' || value === 'desc') return value
  throw new VivantError('VALUE_INVALID', `orderBy() goes 'asc' or 'desc', not ${JSON.stringify(value)}.`)
}

import { type CellStatus, createColumnExpression, type Expression, type JsonExpression, rowOf, type TableDefinition } from '@vivant/core'
import type { Runtime } from '../runtime/runtime.ts'

/** A class, so that `{ ...row }` leaves `_status` out. */
export declare class WithStatus {
  /** The computed columns whose cells are not well: `{ caption: 'pending' }`, `{}` when all are. */
  get _status(): JsonExpression<{ readonly [column: string]: CellStatus }, never>
}

/** Room for the tables that one query joins. */
const sourcesPerTable = 64
const numbers = new WeakMap<Runtime, Map<string, number>>()

/**
 * The number under which a table's row stands in the nodes of queries. It is the table's own, so that an expression of another
 * table's row is recognised, and not taken for a column that has the same name here.
 */
export function sourceNumber(runtime: Runtime, table: string): number {
  const known = numbers.get(runtime) ?? new Map<string, number>()
  numbers.set(runtime, known)
  const number = known.get(table) ?? known.size * sourcesPerTable
  known.set(table, number)
  return number
}

/** The row that a query's callbacks get. */
export function queryRow(table: TableDefinition, source: number): object {
  const row = rowOf(table, source)
  const status: Expression = createColumnExpression('_status', { kind: 'json' }, source)
  return new Proxy(row, { get: (target, name): unknown => (name === '_status' ? status : Reflect.get(target, name)) })
}

import { type CellStatus, createColumnExpression, type Expression, type JsonExpression, rowOf, type TableDefinition } from '@vivant/core'

/** A class, so that `{ ...row }` leaves `_status` out. */
export declare class WithStatus {
  /** The computed columns whose cells are not well: `{ caption: 'pending' }`, `{}` when all are. */
  get _status(): JsonExpression<{ readonly [column: string]: CellStatus }, never>
}

/** The same of a row that may be missing. */
export declare class WithOptionalStatus {
  get _status(): JsonExpression<{ readonly [column: string]: CellStatus }, null>
}

// 0 is the row of a computed column
let lastSource = 0

/**
 * The number under which a row stands in the nodes of queries: another for each query that is begun and each table that is joined. So
 * an expression of another query's row is recognised, and a table may be joined to itself.
 */
export function nextSource(): number {
  lastSource += 1
  return lastSource
}

/** The row that a query's callbacks get. */
export function queryRow(table: TableDefinition, source: number): object {
  const row = rowOf(table, source)
  const status: Expression = createColumnExpression('_status', { kind: 'json' }, source)
  return new Proxy(row, { get: (target, name): unknown => (name === '_status' ? status : Reflect.get(target, name)) })
}

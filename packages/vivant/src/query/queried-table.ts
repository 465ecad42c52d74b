import type { Expression, ExpressionNode, TableDefinition } from '@vivant/core'
import { nextSource, queryRow } from './query-row.ts'

export type QueriedRow = Readonly<Record<string, Expression>>

/** A table of a query, with the row that its callbacks get. */
export interface QueriedTable {
  readonly table: TableDefinition
  readonly source: number
  readonly row: QueriedRow
  /** How it is joined; the first is not. */
  readonly join?: { readonly kind: 'inner' | 'left'; readonly on: ExpressionNode }
}

export function queriedTable(table: TableDefinition): QueriedTable {
  const source = nextSource()
  return { table, source, row: queryRow(table, source) as QueriedRow }
}

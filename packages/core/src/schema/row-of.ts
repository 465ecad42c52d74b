import { createRow, type RowColumn } from '../expression/create-row.ts'
import type { TableDefinition } from './table-definition.ts'

/** A table's columns as a row has them: the stored ones, then the computed. */
export function rowColumns(table: TableDefinition): readonly RowColumn[] {
  const computed = table.computed.map(({ name, expression }) => ({ name, type: expression.type, computed: true }))
  return [...table.columns.map(({ name, type }) => ({ name, type })), ...computed]
}

/** The row of a table that callbacks get. `source` counts the tables of a query. */
export function rowOf(table: TableDefinition, source: number = 0): object {
  return createRow(rowColumns(table), source, table.name)
}

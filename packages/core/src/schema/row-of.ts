import { createRow, type RowColumn } from '../expression/create-row.ts'
import { parentColumnName } from '../expression/parent-column.ts'
import type { TableDefinition } from './table-definition.ts'

/** A table's columns as a row has them: the stored ones, then the computed. */
export function rowColumns(table: TableDefinition): readonly RowColumn[] {
  const computed = table.computed.map(({ name, expression }) => ({ name, type: expression.type, computed: true }))
  return [...table.columns.map(({ name, type }) => ({ name, type })), ...computed]
}

/** The row of a table that callbacks get; a view's has its parent's. `source` counts the tables of a query. */
export function rowOf(table: TableDefinition, source: number = 0): object {
  return rowSeenFrom(table, source, (column) => column, '_id')
}

/** `nameOf` gives a column's name as the row at the bottom reads it; what is an id above is `_parent` below. */
function rowSeenFrom(table: TableDefinition, source: number, nameOf: (column: string) => string, idName: string): object {
  const columns = rowColumns(table).map((column) => ({ ...column, readAs: nameOf(column.name) }))
  const parent = table.view && rowSeenFrom(table.view.parent, source, (column) => nameOf(parentColumnName(column)), nameOf('_parent'))
  return createRow(columns, source, table.name, parent ?? undefined, idName)
}

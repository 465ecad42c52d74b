import { VivantError } from '../error/vivant-error.ts'
import type { TableDefinition } from './table-definition.ts'
import { validateName } from './validate-name.ts'

/** Throws NAME_INVALID, or COLUMN_EXISTS when the table has a column of that name. */
export function validateNewColumn(table: TableDefinition, name: string): void {
  validateName(name, 'column')
  if (![...table.columns, ...table.computed].some((column) => column.name === name)) return
  throw new VivantError('COLUMN_EXISTS', `'${table.name}' already has a column '${name}'`, { details: { table: table.name, column: name } })
}

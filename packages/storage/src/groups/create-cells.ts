import { historiesIn } from '@vivant/core'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { createCellTable } from '../ddl/cell-table.ts'
import type { ColumnDeclaration } from '../declare/column-declaration.ts'
import { createGroupTables } from './create-group-tables.ts'

/** The table of a column's cells, and what a history column has beside it. */
export async function createCells(tx: SqlTransaction, cellTable: string, declaration: ColumnDeclaration, tableName: string): Promise<void> {
  const readableName = `${tableName}.${declaration.name}`
  await createCellTable(tx, cellTable, declaration.type, readableName)
  const [history] = historiesIn(declaration.expression)
  if (history) await createGroupTables(tx, cellTable, history.orderBy.type, readableName)
}

import { VivantError } from '@vivant/core'
import { renameInCatalog } from '../catalog/rename-in-catalog.ts'
import { findColumn } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { quoteName } from '../ddl/quote.ts'
import { changeTable } from './change-table.ts'
import { columnToChange } from './column-to-change.ts'
import { refuseReadByViews } from './refuse-read-by-views.ts'

/** Renames a column, stored or computed; expressions, capture and live view follow in the same transaction. */
export async function renameColumn(database: Database, tableId: number, oldName: string, newName: string, timeoutMs: number): Promise<void> {
  await changeTable(database, tableId, { what: `Renaming ${oldName}`, timeoutMs }, async (tx, model) => {
    const column = columnToChange(model, oldName)
    refuseReadByViews(model, oldName)
    if (findColumn(model, newName))
      throw new VivantError('COLUMN_EXISTS', `"${model.name}" already has a column "${newName}".`, { details: { table: model.name, column: newName } })
    if (column.kind === 'stored')
      await tx.query(`alter table ${quoteName(model.schemaName, model.name)} rename column ${quoteName(oldName)} to ${quoteName(newName)}`)
    await renameInCatalog(tx, { tableId, tableName: model.name, schemaName: model.schemaName, columnId: column.id, oldName, newName })
  })
}

import { VivantError } from '@vivant/core'
import { renameExpansion } from '../catalog/rename-in-catalog.ts'
import { updateReferences } from '../catalog/update-definition.ts'
import type { Database } from '../connection/database.ts'
import { quoteName } from '../ddl/quote.ts'
import { changeTable } from './change-table.ts'
import { bumpSchemaVersion } from './lock-table.ts'

/** Renames a table and its live view. Throws TABLE_EXISTS. */
export async function renameTable(database: Database, tableId: number, newName: string, timeoutMs: number): Promise<void> {
  await changeTable(database, tableId, { what: 'Renaming the table', timeoutMs }, async (tx, model) => {
    const { schemaName, liveSchema, name } = model
    const taken = await tx.query<{ found: boolean }>({ text: 'select to_regclass($1) is not null as found', values: [quoteName(schemaName, newName)] })
    if (taken.rows[0]!.found) throw new VivantError('TABLE_EXISTS', `There is a table "${newName}" already.`, { details: { table: newName } })
    await tx.query(`alter table ${quoteName(schemaName, name)} rename to ${quoteName(newName)}`)
    await tx.query(`alter view if exists ${quoteName(liveSchema, name)} rename to ${quoteName(newName)}`)
    await tx.query({ text: 'update vivant."table" set name = $2 where id = $1', values: [tableId, newName] })
    if (model.view) {
      await renameExpansion(tx, model, newName)
      await bumpSchemaVersion(tx, model.view.parentId)
    }
    await updateReferences(tx, schemaName, (references) => (references.table === name ? { ...references, table: newName } : references))
  })
}

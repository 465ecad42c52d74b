import { VivantError } from '@vivant/core'
import type { ViewSource } from '../catalog/catalog-rows.ts'
import { updateReferences } from '../catalog/update-definition.ts'
import type { Database } from '../connection/database.ts'
import { quoteName } from '../ddl/quote.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
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
    if (model.view) await renameExpansion(tx, model.view, name, newName)
    await updateReferences(tx, schemaName, (references) => (references.table === name ? { ...references, table: newName } : references))
  })
}

/** The parent's column that makes a view's rows begins with the view's name. */
async function renameExpansion(tx: SqlTransaction, { parentId, expansionId }: ViewSource, name: string, newName: string): Promise<void> {
  await tx.query({
    text: 'update vivant."column" set name = $2 || substr(name, length($3) + 1) where id = $1 and starts_with(name, $3)',
    values: [expansionId, newName, name],
  })
  await bumpSchemaVersion(tx, parentId)
}

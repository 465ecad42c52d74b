import { type StoredColumnDefinition, VivantError } from '@vivant/core'
import { findColumn } from '../catalog/table-model.ts'
import { updateDefinition } from '../catalog/update-definition.ts'
import type { Database } from '../connection/database.ts'
import { storableColumn } from '../ddl/definition-json.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { storedColumnSql } from '../ddl/stored-column.ts'
import { changeTable } from './change-table.ts'

/** Adds a column that users write. Throws COLUMN_EXISTS, and CONSTRAINT_VIOLATED when rows that stand would have no value. */
export async function addStoredColumn(database: Database, tableId: number, column: StoredColumnDefinition, timeoutMs: number): Promise<void> {
  await changeTable(database, tableId, { what: `Adding ${column.name}`, timeoutMs }, async (tx, model) => {
    if (findColumn(model, column.name))
      throw new VivantError('COLUMN_EXISTS', `"${model.name}" already has a column "${column.name}".`, { details: { table: model.name, column: column.name } })
    const table = quoteName(model.schemaName, model.name)
    try {
      await tx.query(`alter table ${table} add column ${storedColumnSql(column, model.schemaName)}${column.primaryKey ? ' primary key' : ''}`)
    } catch (error) {
      if ((error as { code?: string }).code !== '23502') throw error
      throw new VivantError('CONSTRAINT_VIOLATED', `"${model.name}" has rows, which would have no "${column.name}": declare it nullable or with a default.`, {
        cause: error,
        details: { table: model.name, column: column.name },
      })
    }
    if (column.description) await tx.query(`comment on column ${table}.${quoteName(column.name)} is ${quoteText(column.description)}`)
    await tx.query({
      text: `insert into vivant."column" (table_id, name, kind, attnum, type, nullable, position)
select $1, a.attname, 'stored', a.attnum, $4, $5, (select coalesce(max(position), 0) + 1 from vivant."column" where table_id = $1)
from pg_attribute a where a.attrelid = $2::regclass and a.attname = $3 and not a.attisdropped`,
      values: [tableId, table, column.name, JSON.stringify(column.type), column.nullable],
    })
    await updateDefinition(tx, tableId, (definition) => ({ ...definition, columns: [...definition.columns, storableColumn(column)] }))
  })
}

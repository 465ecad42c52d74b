import { armTable, replaceCaptureFunctions } from '../capture/arm-table.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { renameInCatalog } from '../catalog/rename-in-catalog.ts'
import type { TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { lockTable } from '../declare/lock-table.ts'
import { lockTimeoutMs } from '../declare/retry-on-lock.ts'
import { replaceLiveView } from '../ddl/live-view.ts'

/** Follows what the user did to his tables by SQL, where a trigger noticed it. */
export async function repairDrift(database: Database): Promise<void> {
  const { rows } = await database.query<{ table_id: number }>(`select distinct table_id from vivant.operation where kind = 'drift' and ended_at is null`)
  for (const row of rows) await followTable(database, row.table_id)
}

/**
 * Brings the catalog to the table as it is: renamed columns keep their attnum, so their names are read again; trigger
 * functions, triggers and the live view are made anew.
 */
export async function followTable(database: Database, tableId: number): Promise<void> {
  await database.transaction(
    async (tx) => {
      const before = await lockTable(tx, tableId)
      await followNames(tx, before)
      const model = (await readTable(tx, tableId))!
      await replaceCaptureFunctions(tx, model)
      await armTable(tx, model)
      await replaceLiveView(tx, model)
      await tx.query({ text: `update vivant.operation set ended_at = now() where table_id = $1 and kind = 'drift' and ended_at is null`, values: [tableId] })
    },
    { lockTimeoutMs }
  )
}

async function followNames(tx: SqlTransaction, before: TableModel): Promise<void> {
  const { id: tableId, relation } = before
  await tx.query({
    text: `update vivant."table" t set schema_name = n.nspname, name = c.relname, id_column = a.attname
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
where t.id = $1 and c.oid = $2 and a.attnum = t.id_attnum`,
    values: [tableId, relation]
  })
  const { rows } = await tx.query<{ id: number; old: string; new: string }>({
    text: `select c.id, c.name as old, a.attname as new from vivant."column" c join pg_attribute a on a.attrelid = $2 and a.attnum = c.attnum
where c.table_id = $1 and c.kind = 'stored' and a.attname <> c.name and not a.attisdropped`,
    values: [tableId, relation]
  })
  for (const renamed of rows) await renameInCatalog(tx, { tableId, tableName: before.name, schemaName: before.schemaName, columnId: renamed.id, oldName: renamed.old, newName: renamed.new })
  if (rows.length) await tx.query({ text: 'update vivant."table" set schema_version = schema_version + 1 where id = $1', values: [tableId] })
}

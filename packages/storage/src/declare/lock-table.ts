import { VivantError } from '@vivant/core'
import { familyQuery, readTable } from '../catalog/read-catalog.ts'
import type { TableModel } from '../catalog/table-model.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'

/**
 * One schema operation at a time on a table and its views, whose captures are one: two that replace a function at once fail with an error of PostgreSQL's own.
 * Users' statements never wait for this lock.
 */
export async function lockTable(tx: SqlTransaction, tableId: number): Promise<TableModel> {
  // what a view is made of never changes, so the first of its parents can be found before the lock
  await tx.query({
    text: `${familyQuery} select pg_advisory_xact_lock(7664, coalesce((select min(t.id) from vivant."table" t join family using (id) where t.expansion_id is null), $1))`,
    values: [tableId],
  })
  const model = await readTable(tx, tableId)
  if (!model) throw new VivantError('TABLE_NOT_FOUND', 'The table was dropped while its declaration changed.', { details: { tableId } })
  return model
}

/** A worker that planned with what the table, its parents and its views were writes nothing any more (rule 5). */
export async function bumpSchemaVersion(tx: SqlTransaction, tableId: number): Promise<void> {
  await tx.query({
    text: `${familyQuery} update vivant."table" set schema_version = schema_version + 1 where id in (select id from family)`,
    values: [tableId],
  })
}

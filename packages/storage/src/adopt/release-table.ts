import { VivantError } from '@vivant/core'
import { readDefinition } from '../catalog/read-definition.ts'
import type { TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { dropLiveView, translateDependents } from '../declare/change-table.ts'
import { forgetTable } from '../declare/drop-table.ts'
import { lockTable } from '../declare/lock-table.ts'
import { lockTimeoutMs, retryOnLock } from '../declare/retry-on-lock.ts'
import { quoteName } from '../ddl/quote.ts'
import { dropCells } from '../upkeep/drop-cells.ts'

/**
 * Lets a table go that was adopted, as it was before: without triggers, live view, `_id` where it was added, and without all that was computed.
 * Throws CONFIGURATION_INVALID for a table that Vivant made, and COLUMN_NEEDED when something of the user's depends on `_id`.
 */
export async function releaseTable(database: Database, tableId: number, timeoutMs: number): Promise<void> {
  await retryOnLock('Releasing the table', timeoutMs, () =>
    database
      .transaction(
        async (tx) => {
          const model = await lockTable(tx, tableId)
          const { adopted } = (await readDefinition(tx, tableId))!
          if (!adopted)
            throw new VivantError(
              'CONFIGURATION_INVALID',
              `"${model.name}" was made by Vivant, not adopted: there is nothing to give back. dropTable drops it.`,
              {
                details: { table: model.name },
              },
            )
          await dropLiveView(tx, model)
          const roots = await disarmTables(tx, model)
          if (adopted.addedId) for (const root of roots) await tx.query(`alter table ${root} drop column ${quoteName(model.idColumn)}`)
          await forgetTable(tx, model)
        },
        { lockTimeoutMs },
      )
      .catch((error: unknown) => {
        throw translateDependents('Releasing the table', error)
      }),
  )
  await dropCells(database)
}

/** Drops the triggers. Gives the tables that were armed, but for partitions: what was one once, and is detached, was armed like the others. */
async function disarmTables(tx: SqlTransaction, model: TableModel): Promise<readonly string[]> {
  const { rows } = await tx.query<{ relation: string; name: string; isRoot: boolean; isTable: boolean }>({
    text: `select c.oid::regclass::text as relation, g.tgname as name, not c.relispartition as "isRoot", c.oid = $2::bigint::oid as "isTable"
from pg_trigger g join pg_proc f on f.oid = g.tgfoid join pg_class c on c.oid = g.tgrelid
where f.pronamespace = 'vivant_data'::regnamespace and f.proname ~ ('^capture_(insert|update|delete|truncate)_' || $1::int || '$') order by c.oid, g.tgname`,
    values: [model.id, model.relation],
  })
  for (const { relation, name } of rows) await tx.query(`drop trigger ${quoteName(name)} on ${relation}`)
  // the table's sequence goes last: the others draw from it
  const roots = rows.filter(({ isRoot }) => isRoot).toSorted((a, b) => Number(a.isTable) - Number(b.isTable))
  return [...new Set(roots.map(({ relation }) => relation))]
}

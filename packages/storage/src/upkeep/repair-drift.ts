import { armTable, widenCapture } from '../capture/arm-table.ts'
import { followedTypes } from '../catalog/followed-types.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { renameExpansion } from '../catalog/rename-in-catalog.ts'
import type { TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { forgetTable } from '../declare/drop-table.ts'
import { bumpSchemaVersion, lockTable } from '../declare/lock-table.ts'
import { lockTimeoutMs, retryOnLock } from '../declare/retry-on-lock.ts'
import { restartLostGroups } from '../groups/restart-lost-groups.ts'
import { replaceLiveView } from '../ddl/live-view.ts'
import { followColumns } from './follow-columns.ts'
import { forEachTable, type UpkeepFailure } from './upkeep-failure.ts'

/**
 * Follows what users did to their tables by SQL: renamed or dropped tables and columns, new columns, a live view that went with `cascade`,
 * the new oids of a restored database. What somebody has locked for longer than `timeoutMs` is
 * followed the next time; what cannot be followed is given back.
 */
export async function repairDrift(database: Database, timeoutMs = 0): Promise<readonly UpkeepFailure[]> {
  const { rows } = await database.query<{ id: number }>({ name: 'vivant_drift', text: driftQuery, values: [followedTypes] })
  return forEachTable(
    rows.map((row) => ({ tableId: row.id })),
    ({ tableId }) => retryOnLock('Following a change by SQL', timeoutMs, () => followTable(database, tableId)),
  )
}

/** Brings the catalog to the table as it is; trigger functions, triggers and the live view are made anew. */
export async function followTable(database: Database, tableId: number): Promise<void> {
  await database.transaction(
    async (tx) => {
      const before = await lockTable(tx, tableId)
      const relation = await relationOf(tx, before)
      if (relation === null) return forgetTable(tx, before)
      await tx.query({
        text: `update vivant."table" t set relation = c.oid, schema_name = n.nspname, name = c.relname
from pg_class c join pg_namespace n on n.oid = c.relnamespace where t.id = $1 and c.oid = $2`,
        values: [tableId, relation],
      })
      const now = await tx.query<{ name: string }>({ text: 'select name from vivant."table" where id = $1', values: [tableId] })
      if (before.view && now.rows[0]!.name !== before.name) await renameExpansion(tx, before, now.rows[0]!.name)
      await followColumns(tx, before, relation)
      const model = (await readTable(tx, tableId))!
      await widenCapture(tx, model)
      await armTable(tx, model)
      await replaceLiveView(tx, model)
      await restartLostGroups(tx, model)
      await bumpSchemaVersion(tx, tableId)
      await tx.query({ text: `update vivant.operation set ended_at = now() where table_id = $1 and kind = 'drift' and ended_at is null`, values: [tableId] })
    },
    { lockTimeoutMs },
  )
}

/**
 * The user's table: the one that has this table's triggers, whose functions carry the catalog's id. A rename changes its name, a restore
 * its oid, which may then be another table's.
 */
const relationSql = `coalesce(
  (select g.tgrelid from pg_trigger g join pg_class c on c.oid = g.tgrelid
    where g.tgname = 'vivant_capture_insert' and not c.relispartition and g.tgfoid = to_regproc('vivant_data.capture_insert_' || t.id)
    -- a partition that was detached has them still
    order by c.oid <> t.relation, c.relname <> t.name, c.oid limit 1),
  to_regclass(format('%I.%I', t.schema_name, t.name)),
  (select c.oid from pg_class c where c.oid = t.relation and c.relkind in ('r', 'p')))::oid`

async function relationOf(client: SqlClient, model: TableModel): Promise<number | null> {
  const { rows } = await client.query<{ relation: number | null }>({
    text: `select ${relationSql} as relation from vivant."table" t where id = $1`,
    values: [model.id],
  })
  return rows[0]!.relation
}

const driftQuery = `with found as (select t.*, ${relationSql} as now from vivant."table" t)
select t.id from found t left join pg_class c on c.oid = t.now left join pg_namespace n on n.oid = c.relnamespace
where t.now is null or t.now <> t.relation or c.relname <> t.name or n.nspname <> t.schema_name
  or to_regclass(format('%I.%I', (select value from vivant.setting where key = 'live_schema'), t.name)) is null
  or exists (select from vivant.operation o where o.table_id = t.id and o.kind = 'drift' and o.ended_at is null)
  or exists (select from vivant."column" k left join pg_attribute a on a.attrelid = t.now and a.attnum = k.attnum and not a.attisdropped
    where k.table_id = t.id and k.kind in ('stored', 'opaque') and a.attname is distinct from k.name)
  -- a partition that was made or attached since
  or exists (select from pg_partition_tree(t.now::regclass) p join pg_class r on r.oid = p.relid and r.relkind in ('r', 'p')
    where p.parentrelid is not null and not exists (select from pg_trigger g where g.tgrelid = r.oid and g.tgname = 'vivant_capture_insert'))
  or exists (select from pg_attribute a join pg_type y on y.oid = a.atttypid
    where a.attrelid = t.now and a.attnum > 0 and not a.attisdropped and a.attnum <> t.id_attnum and y.typname = any($1::text[])
      and a.attname !~ '^_|[$]' and not exists (select from vivant."column" k where k.table_id = t.id and k.attnum = a.attnum)
      and not exists (select from vivant."column" k where k.table_id = t.id and k.attnum is null and k.name = a.attname))
order by t.id`

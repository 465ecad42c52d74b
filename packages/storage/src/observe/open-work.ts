import { fanoutPool, type TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'

/** What is still to be done of what was captured up to a number of `vivant.seq`. */
export interface OpenWork {
  readonly tasks: number
  /** Rows of those tasks, and about how many more the open backfills will look at. */
  readonly rows: number
  readonly backfills: number
}

/** A table's work that one pool has to do. */
export interface OpenWorkPart {
  readonly tableId: number
  readonly pool: string
  /** Null: every column of the pool. */
  readonly columns: readonly number[] | null
}

/** Draws the number up to which `settled` waits: everything captured before has a smaller one. */
export async function drawSince(client: SqlClient): Promise<{ readonly since: number; readonly now: string }> {
  const { rows } = await client.query<{ since: number; now: string }>({
    name: 'vivant_draw',
    text: `select nextval('vivant.seq') as since, clock_timestamp()::text as now`,
  })
  return { since: rows[0]!.since, now: rows[0]!.now }
}

/** Work that counts: not sweeping, and not what waits for columns that are paused or gone. */
const openTasks = `from vivant.task t where t.since <= $1 and t.kind <> 'sweep' and ($2::int[] is null or t.table_id = any($2::int[]))
  and (t.pool = '${fanoutPool}' or exists (select from vivant."column" c where c.table_id = t.table_id and c.pool = t.pool and c.state = 'active' and c.cell_table is not null
    and (t.columns is null or c.id = any(t.columns))))`
const openSweeps = `from vivant.backfill b where b.state = 'running' and b.since <= $1 and ($2::int[] is null or b.table_id = any($2::int[]))`

/** The greatest id of each table that is written by users: a row above it came later. What is waited for makes rows of views. */
export interface IdBounds {
  readonly tableIds: readonly number[]
  readonly ids: readonly number[]
}

/** Tables that are there: one that was dropped by SQL still has its entry in the catalog. */
export async function existingTables(client: SqlClient): Promise<ReadonlySet<number>> {
  const { rows } = await client.queryArrays({
    name: 'vivant_existing',
    text: `select id from vivant."table" where to_regclass(format('%I.%I', schema_name, name)) is not null`,
  })
  return new Set(rows.map((row) => Number(row[0])))
}

export async function readIdBounds(client: SqlClient, models: readonly TableModel[]): Promise<IdBounds> {
  const there = await existingTables(client)
  const parts = models
    .filter((model) => there.has(model.id) && !model.view)
    .map((model) => `select ${model.id}, coalesce(max(${quoteName(model.idColumn)}), 0) from ${quoteName(model.schemaName, model.name)}`)
  if (!parts.length) return { tableIds: [], ids: [] }
  const { rows } = await client.queryArrays({ text: parts.join('\nunion all\n') })
  return { tableIds: rows.map((row) => Number(row[0])), ids: rows.map((row) => Number(row[1])) }
}

/**
 * Whether a row of then has a task still. Tasks that are settled together hand the oldest `since` among them on to what is put back or
 * tried again, so under steady writing a task of rows that came later can look as if it were older.
 */
export async function hasOpenRows(client: SqlClient, since: number, tableIds: readonly number[] | null, bounds: IdBounds): Promise<boolean> {
  const { rows } = await client.queryArrays({
    name: 'vivant_open_rows',
    text: `select exists (select ${openTasks} and (t.kind = 'group' or t.ids[1] <= coalesce((select b.id from unnest($3::int[], $4::bigint[]) b(table_id, id) where b.table_id = t.table_id), t.ids[1])))`,
    values: [since, tableIds, bounds.tableIds, bounds.ids],
  })
  return rows[0]![0] === true
}

/** One statement, so one snapshot: a slice leaves its backfill and becomes a task in one commit. */
export async function readOpenWork(client: SqlClient, since: number, tableIds: readonly number[] | null): Promise<OpenWork> {
  const { rows } = await client.queryArrays({
    name: 'vivant_open_work',
    text: `select tasks.n, tasks.size, sweeps.n, sweeps.left
from (select count(*) as n, coalesce(sum(t.size), 0) as size ${openTasks}) tasks,
  (select count(*) as n, coalesce(sum(greatest(coalesce(b.rows_total, 0) - b.rows_swept, 0)), 0) as left ${openSweeps}) sweeps`,
    values: [since, tableIds],
  })
  const [tasks, size, backfills, left] = rows[0]!.map(Number) as [number, number, number, number]
  return { tasks, rows: size + left, backfills }
}

/** What waits for a worker: work that none of the given workers holds. */
export async function readWaitingWork(
  client: SqlClient,
  since: number,
  tableIds: readonly number[] | null,
  workers: readonly string[],
): Promise<readonly OpenWorkPart[]> {
  const { rows } = await client.query<{ table_id: number; pool: string; columns: number[] | null }>({
    text: `select distinct t.table_id, t.pool, t.columns ${openTasks} and (t.owner is null or t.owner <> all($3::uuid[]))
union select b.table_id, b.pool, array[b.column_id] ${openSweeps}`,
    values: [since, tableIds, workers],
  })
  return rows.map((row) => ({ tableId: row.table_id, pool: row.pool, columns: row.columns?.map(Number) ?? null }))
}

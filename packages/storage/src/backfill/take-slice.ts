import type { Database } from '../connection/database.ts'
import type { TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { hashName } from '../connection/hash-name.ts'
import { readUpperBounds } from './read-upper-bounds.ts'

export interface OpenBackfill {
  readonly id: number
  readonly tableId: number
  readonly pool: string
  readonly columnId: number
}

/** What may be swept now by a worker of these pools (null: all) that can run these columns; the most urgent first. */
export async function openBackfills(database: Database, pools: readonly string[] | null, runnable: readonly number[]): Promise<readonly OpenBackfill[]> {
  const { rows } = await database.queryArrays({
    name: 'vivant_open_backfills',
    text: `select id, table_id, pool, column_id from vivant.backfill
where state = 'running' and ($1::text[] is null or pool = any($1)) and column_id = any($2::int[]) and (next_slice_at is null or next_slice_at <= clock_timestamp())
order by priority desc, id`,
    values: [pools, runnable],
  })
  return rows.map(([id, tableId, pool, columnId]) => ({ id: Number(id), tableId: Number(tableId), pool: pool as string, columnId: Number(columnId) }))
}

/** The task that a slice became, already leased. */
export interface Slice {
  readonly taskId: number
  readonly ids: readonly number[]
  readonly since: number
}

export interface SliceRequest {
  readonly owner: string
  readonly leaseSeconds: number
  /** Rows at most. */
  readonly size: number
}

/**
 * Takes the next slice of a backfill as a leased task. The slice is marked swept in the statement that inserts its task
 * (rule 13), so any number of workers share a backfill and a crash continues it.
 * Gives `'busy'` when another worker is at it, `'done'` when nothing was left.
 */
export async function takeSlice(database: Database, backfill: OpenBackfill, model: TableModel, request: SliceRequest): Promise<Slice | 'done' | 'busy'> {
  const text = sliceText(quoteName(model.schemaName, model.name), quoteName(model.idColumn))
  const statement = {
    name: `slice_${hashName(text)}`,
    text,
    values: [backfill.id, request.size, request.owner, request.leaseSeconds],
  }
  const { rows } = await database.queryArrays(statement)
  const [locked, bounded, taskId, ids, since] = rows[0]!
  if (taskId !== null) return { taskId: Number(taskId), ids: (ids as readonly unknown[]).map(Number), since: Number(since) }
  if (locked === true) return 'done'
  if (bounded === true) return 'busy'
  // not read by who published it, or the column was resumed
  await readUpperBounds(database, model)
  return takeSlice(database, backfill, model, request)
}

/**
 * The bounds are initial plans, so the rows come by a step down the index. A join with the backfill's row was planned as a
 * scan of the table from its beginning: each slice of a million rows took longer than the one before.
 *
 * The lock gives the newest version of the backfill's row, the rows come from the statement's older snapshot. That is
 * safe while the upper bound is the one of the snapshot (`known`): all rows up to it were there when it was read.
 */
function sliceText(table: string, key: string): string {
  return `with known as materialized (
  select upper_bound from vivant.backfill where id = $1 and state = 'running'
), b as materialized (
  select id, swept, upper_bound from vivant.backfill
  where id = $1 and state = 'running' and upper_bound is not null for update skip locked
), mine as materialized (
  select b.* from b join known on known.upper_bound = b.upper_bound
), ids as materialized (
  select ${key} as id from ${table} where ${key} > (select swept from mine) and ${key} <= (select upper_bound from mine) order by ${key} limit $2
), marked as (
  update vivant.backfill b set swept = coalesce(i.last, b.swept), rows_swept = b.rows_swept + i.n,
    state = case when i.n = 0 then 'done' else b.state end,
    ended_at = case when i.n = 0 then now() end,
    next_slice_at = case when b.rows_per_second > 0 then clock_timestamp() + make_interval(secs => i.n / b.rows_per_second) end
  from (select max(id) as last, count(*) as n from ids) i where b.id in (select id from mine)
  returning b.table_id, b.pool, b.column_id, b.since, i.n
), task as (
  insert into vivant.task (table_id, pool, kind, ids, columns, since, owner, leased_until, claims)
  select m.table_id, m.pool, 'backfill', (select array_agg(id order by id) from ids), array[m.column_id], m.since, $3::uuid, clock_timestamp() + make_interval(secs => $4), 1
  from marked m where m.n > 0${guards.sliceWithTask ? '' : ' and false'}
  returning id, ids, since
)
select exists (select from mine), exists (select from known where upper_bound is not null) or not exists (select from known), task.*
from (select) one left join task on true`
}

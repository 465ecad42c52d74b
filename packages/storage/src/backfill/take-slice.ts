import type { Database } from '../connection/database.ts'
import type { TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
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
  const table = quoteName(model.schemaName, model.name)
  const key = quoteName(model.idColumn)
  return database.transaction(async (tx) => {
    const { rows } = await tx.queryArrays({
      text: `select upper_bound from vivant.backfill where id = $1 and state = 'running' for update skip locked`,
      values: [backfill.id],
    })
    if (!rows[0]) return 'busy'
    // not read by who published it, or the column was resumed
    if (rows[0][0] === null) await readUpperBounds(tx, model)
    const slice = await tx.queryArrays({ text: sliceText(table, key), values: [backfill.id, request.size, request.owner, request.leaseSeconds] })
    if (slice.rows[0]) {
      const [taskId, ids, since] = slice.rows[0]
      return { taskId: Number(taskId), ids: (ids as readonly unknown[]).map(Number), since: Number(since) }
    }
    await tx.query({ text: `update vivant.backfill set state = 'done', ended_at = now() where id = $1`, values: [backfill.id] })
    return 'done'
  })
}

function sliceText(table: string, key: string): string {
  return `with ids as materialized (
  select t.${key} as id from ${table} t, vivant.backfill b where b.id = $1 and t.${key} > b.swept and t.${key} <= b.upper_bound order by t.${key} limit $2
), marked as (
  update vivant.backfill b set swept = i.last, rows_swept = b.rows_swept + i.n,
    next_slice_at = case when b.rows_per_second > 0 then clock_timestamp() + make_interval(secs => i.n / b.rows_per_second) end
  from (select max(id) as last, count(*) as n from ids) i where b.id = $1 and i.n > 0
  returning b.table_id, b.pool, b.column_id, b.since
)
insert into vivant.task (table_id, pool, kind, ids, columns, since, owner, leased_until, claims)
select m.table_id, m.pool, 'backfill', (select array_agg(id order by id) from ids), array[m.column_id], m.since, $3::uuid, clock_timestamp() + make_interval(secs => $4), 1
from marked m${guards.sliceWithTask ? '' : ' where false'}
returning id, ids, since`
}

import type { TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'

export type BackfillState = 'running' | 'paused' | 'cancelled' | 'done'

/** A sweep of a table for one version of one column. */
export interface BackfillRecord {
  readonly id: number
  readonly tableId: number
  readonly columnId: number
  readonly version: number
  readonly pool: string
  readonly state: BackfillState
  readonly rowsSwept: number
  /** As the server's statistics estimate it; null before the first slice, or where they know nothing. */
  readonly rowsTotal: number | null
  readonly rowsPerSecond: number | null
  readonly since: number
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly elapsedMs: number
  /** The part of the ids that was swept, from 0 to 1. */
  readonly progress: number
  /** Rows in tasks that came from it and are not settled. */
  readonly rowsUnderWay: number
}

/** Records of one column (the newest first), or the open ones of a table. */
export async function readBackfills(client: SqlClient, model: TableModel, which: { readonly columnId: number } | 'open'): Promise<readonly BackfillRecord[]> {
  const key = quoteName(model.idColumn)
  const { rows } = await client.query<BackfillRecord & { swept: string | number; upper: string | number | null; lowest: number | null }>({
    text: `select b.id, b.table_id as "tableId", b.column_id as "columnId", b.version, b.pool, b.state, b.rows_swept as "rowsSwept", b.rows_total as "rowsTotal",
  b.rows_per_second as "rowsPerSecond", b.since, b.started_at as "startedAt", b.ended_at as "endedAt",
  (extract(epoch from coalesce(b.ended_at, clock_timestamp()) - b.started_at) * 1000)::float8 as "elapsedMs",
  b.swept, b.upper_bound as upper, (select min(${key}) from ${quoteName(model.schemaName, model.name)}) as lowest,
  (select coalesce(sum(t.size), 0)::int from vivant.task t where t.table_id = b.table_id and t.since <= b.since and t.kind <> 'sweep' and (t.columns is null or b.column_id = any(t.columns))) as "rowsUnderWay"
from vivant.backfill b
where b.table_id = $1 and ${which === 'open' ? `b.state in ('running', 'paused')` : 'b.column_id = $2'}
order by b.id desc`,
    values: which === 'open' ? [model.id] : [model.id, which.columnId],
  })
  return rows.map(({ swept, upper, lowest, ...row }) => ({
    ...row,
    progress: progressOf(row.state, Number(swept), upper === null ? null : Number(upper), lowest),
  }))
}

/** By ids: statistics of a table that was just filled say nothing. */
function progressOf(state: BackfillState, swept: number, upper: number | null, lowest: number | null): number {
  if (state === 'done') return 1
  if (upper === null || lowest === null || swept < lowest) return 0
  return upper <= lowest ? 1 : Math.min(1, (swept - lowest + 1) / (upper - lowest + 1))
}

/** Moves an open backfill to another state; false when it had ended. */
export async function setBackfillState(client: SqlClient, id: number, state: 'running' | 'paused' | 'cancelled'): Promise<boolean> {
  const { rowCount } = await client.query({
    text: `update vivant.backfill set state = $2, ended_at = case when $2 = 'cancelled' then now() end where id = $1 and state in ('running', 'paused')`,
    values: [id, state],
  })
  if (rowCount && state === 'running') await client.query('select vivant.wake()')
  return rowCount > 0
}

/** Rows per second that a backfill may take at most; null lifts the limit. */
export async function throttleBackfill(client: SqlClient, id: number, rowsPerSecond: number | null): Promise<void> {
  await client.query({
    text: `update vivant.backfill set rows_per_second = $2, next_slice_at = null where id = $1 and state in ('running', 'paused')`,
    values: [id, rowsPerSecond],
  })
}

/** Rows of the table as the server's statistics know them, or counted where they know nothing. */
export async function estimateRows(client: SqlClient, model: TableModel): Promise<{ readonly rows: number; readonly exact: boolean }> {
  const { rows } = await client.query<{ estimate: number }>({
    text: `select coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as estimate from pg_class c where c.oid in (select relid from pg_partition_tree($1::oid::regclass) where isleaf union select $1::oid)`,
    values: [model.relation],
  })
  const estimate = rows[0]!.estimate
  if (estimate > 10_000) return { rows: Math.round(estimate), exact: false }
  const counted = await client.query<{ n: number }>(`select count(*)::int as n from (select from ${quoteName(model.schemaName, model.name)} limit 200000) r`)
  return { rows: counted.rows[0]!.n, exact: counted.rows[0]!.n < 200_000 }
}

/** Mean time of a cell of this column in a sample of its cells; null when there are none. */
export async function meanMicros(client: SqlClient, cellTable: string): Promise<number | null> {
  const { rows } = await client.query<{ micros: number | null }>(
    `select avg(micros)::float8 as micros from (select micros from vivant_data.${quoteName(cellTable)} where micros > 0 and status in ('ok', 'failed') limit 1000) s`,
  )
  return rows[0]!.micros
}

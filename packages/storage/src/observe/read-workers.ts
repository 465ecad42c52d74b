import type { SqlClient } from '../connection/sql-client.ts'

export interface WorkerRow {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly startedAt: Date
  readonly seenAt: Date
  /** By the clock of the database. */
  readonly seenAgoMs: number
  readonly asleep: boolean
  readonly pools: readonly string[]
  /** Name → hash of what it can run. */
  readonly functions: Readonly<Record<string, string>>
  /** Tasks that it holds. */
  readonly leases: number
}

export async function readWorkers(client: SqlClient): Promise<readonly WorkerRow[]> {
  const { rows } = await client.query<WorkerRow>({
    text: `select w.id, w.host, w.pid, w.started_at as "startedAt", w.seen_at as "seenAt",
  (extract(epoch from clock_timestamp() - w.seen_at) * 1000)::float8 as "seenAgoMs", w.asleep, w.pools, w.functions,
  (select count(*)::int from vivant.task t where t.owner = w.id) as leases
from vivant.worker w order by w.started_at`,
  })
  return rows
}

import type { SqlClient } from '@vivant/storage'

const maxIdsPerTask = 1000

export interface EnqueueRequest {
  readonly tableId: number
  readonly pool: string
  readonly kind: 'fresh' | 'backfill'
  readonly ids: readonly number[]
  readonly columns?: readonly number[]
  /** Run the columns although their cells are current. */
  readonly forced?: boolean
}

/** Inserts tasks of up to 1,000 ids each and gives the `since` that `settled` waits for; null when there are no ids. */
export async function enqueue(client: SqlClient, request: EnqueueRequest): Promise<number | null> {
  const { rows } = await client.query<{ since: number }>({
    text: `with s as materialized (select nextval('vivant.seq') as since)
insert into vivant.task (table_id, pool, kind, ids, columns, forced, since)
select $1, $2, $3, array_agg(i.id order by i.id), $5, $6, s.since
from (select id, (row_number() over (order by id) - 1) / ${maxIdsPerTask} as chunk from unnest($4::bigint[]) id) i cross join s
group by i.chunk, s.since
returning since`,
    values: [request.tableId, request.pool, request.kind, request.ids, request.columns ?? null, request.forced ?? false],
  })
  return rows[0]?.since ?? null
}

/** Wakes sleeping workers of other processes. */
export async function wakeWorkers(client: SqlClient): Promise<void> {
  await client.query('select vivant.wake()')
}

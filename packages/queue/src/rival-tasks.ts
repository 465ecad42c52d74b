import type { SqlClient } from '@vivant/storage'

export interface RivalRequest {
  readonly tableId: number
  readonly pool: string
  /** The tasks that ask. */
  readonly tasks: readonly number[]
  readonly ids: readonly number[]
}

/**
 * Of some rows those that other tasks of the pool have as well (rule 27): `newer`, if a later one will look at the row, which says all that
 * this one would; `leased`, if another claim is at it now.
 */
export async function rivalTasks(client: SqlClient, { tableId, pool, tasks, ids }: RivalRequest): Promise<ReadonlyMap<number, 'newer' | 'leased'>> {
  const isNewer = `k.id > (select max(id) from unnest($3::bigint[]) id) and k.kind = 'fresh' and k.columns is null and coalesce(k.run_at <= now(), true)`
  const { rows } = await client.queryArrays({
    name: 'vivant_rival_tasks',
    text: `select r.id, bool_or(${isNewer}) from vivant.task k cross join unnest(k.ids) r(id)
where k.table_id = $1 and k.pool = $2 and k.kind in ('fresh', 'retry', 'backfill') and k.id <> all($3::bigint[])
  and (k.owner is not null or (${isNewer})) and r.id = any($4::bigint[]) group by r.id`,
    values: [tableId, pool, `{${tasks.join(',')}}`, `{${ids.join(',')}}`],
  })
  return new Map(rows.map(([id, newer]) => [Number(id), newer === true ? 'newer' : 'leased']))
}

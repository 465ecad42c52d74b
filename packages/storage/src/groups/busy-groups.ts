import type { TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import type { HistoryColumn } from './position.ts'

/**
 * Groups that another claim has in hand whose task is older: computing them here as well would be for nothing, as one of the two loses the
 * fence (rule 27). Not needed for what is right.
 */
export async function readBusyGroups(
  client: SqlClient,
  model: TableModel,
  column: HistoryColumn,
  { tasks, groups }: { readonly tasks: readonly number[]; readonly groups: readonly number[] },
): Promise<ReadonlySet<number>> {
  const { rows } = await client.queryArrays({
    name: 'vivant_busy_groups',
    text: `select distinct k.group_id from (
  select unnest(o.ids) as group_id, o.id from vivant.task o
  where o.owner is not null and o.leased_until > clock_timestamp() and o.table_id = $1 and o.pool = $2 and o.kind = 'group' and $3 = any(o.columns) and not o.id = any($4::bigint[]) and o.ids && $5::bigint[]
) k where k.group_id = any($5::bigint[]) and k.id < (select min(m.id) from vivant.task m where m.id = any($4::bigint[]) and k.group_id = any(m.ids) and $3 = any(m.columns))`,
    values: [model.id, column.pool, column.id, tasks, groups],
  })
  return new Set(rows.map(([id]) => Number(id)))
}

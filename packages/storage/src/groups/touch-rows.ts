import { groupTasks } from '../capture/capture-groups.ts'
import type { TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { guards } from '../guards.ts'
import { historyColumns, groupLogTable } from './position.ts'
import { logPlaces, placesOf } from './log-rows.ts'

export interface TouchRequest {
  readonly pool: string
  readonly owner: string
  readonly tasks: readonly number[]
  readonly ids: readonly number[]
  /** Null: every history column of the pool. */
  readonly columns: readonly number[] | null
  readonly since: number
  /** A cell of these rows changed. Off for backfills, which only want the groups looked at. */
  readonly changed: boolean
}

/**
 * What a change of some rows' cells means for the groups that they are in: a log row where there is none, and the groups' tasks, in one
 * statement whose snapshot is after the claim. The commit that wrote the cell has logged the place that its own snapshot showed; a row that
 * somebody moved at that moment has gone to a group which may have been computed from the cell as it was before (rules 16 and 26). Both have work.
 */
export async function touchRows(database: Database, model: TableModel, request: TouchRequest): Promise<void> {
  const columns = historyColumns(model).filter(({ id, pool, state }) => pool === request.pool && state === 'active' && (request.columns?.includes(id) ?? true))
  const parts = columns.flatMap((column, index) => [
    `p${index} as materialized (${placesOf(model, column, 'select i._id from unnest($3::bigint[]) i(_id), held')})`,
    ...(request.changed && guards.touchLater
      ? [
          `l${index} as (${logPlaces(column, `p${index}`, {
            where: `not exists (select from ${groupLogTable(column.cellTable)} l where l.bucket = p.bucket and l.source = p.id and l.lo_last = p.last and l.lo_key = p.key)`,
          })})`,
        ]
      : []),
    `t${index} as (${groupTasks(model, column, `select array_agg(b.bucket) as ids from (select bucket from p${index} union select l.bucket from ${groupLogTable(column.cellTable)} l, held where l.source = any($3::bigint[])) b`, '$4::bigint')})`,
  ])
  const unused = columns.length ? '' : ' and $3::bigint[] is not null and $4::bigint is not null'
  await database.query({
    text: `with held as materialized (select from (select id from vivant.task where id = any($1::bigint[]) and owner = $2 for update) h having count(*) = cardinality($1::bigint[]))
${parts.map((text) => `, ${text}`).join('\n')}
delete from vivant.task k using held where k.id = any($1::bigint[])${unused}`,
    values: [request.tasks, request.owner, request.ids, request.since],
  })
}

import type { TableModel, ViewReader } from '../catalog/table-model.ts'
import { viewColumns, maxIdsPerTask } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'

export interface FanOutRequest {
  readonly owner: string
  readonly tasks: readonly number[]
  readonly ids: readonly number[]
  readonly since: number
}

/**
 * What a change of some rows means for the views that read them: a task for their rows there. In one statement, whose snapshot is
 * after the claim, so that no row that another commit has just made is missed (rule 16); the task that asked for it goes with it.
 */
export async function fanOut(database: Database, model: TableModel, { owner, tasks, ids, since }: FanOutRequest): Promise<void> {
  const inserts = tasksBelow(model, '$3::bigint[]', '$4', 'held').map((text, index) => `t${index} as (${text})`)
  const last = inserts.length ? '' : ' and $3::bigint[] is not null and $4::bigint is not null'
  await database.query({
    text: `with held as materialized (select from (select id from vivant.task where id = any($1::bigint[]) and owner = $2 for update) h having count(*) = cardinality($1::bigint[]))
${inserts.map((text) => `, ${text}`).join('\n')}
delete from vivant.task t using held where t.id = any($1::bigint[])${last}`,
    values: [tasks, owner, ids, since],
  })
}

/** Tasks for the views' rows below some rows, an array in SQL: a statement for each view. `condition` is a table whose one row lets them be. */
export function tasksBelow(model: TableModel, ids: string, since: string, condition: string): readonly string[] {
  return fanOutTargets(model).map(
    ({ path, pools }) => `insert into vivant.task (table_id, pool, kind, ids, since)
  select ${path.at(-1)!.id}, p.pool, 'fresh', a.ids[f.n:f.n + ${maxIdsPerTask - 1}], ${since}
  from (select array_agg(d.id order by d.id) as ids from (${rowsBelow(path, ids)}) d, ${condition}) a cross join (values ${pools.map((pool) => `(${quoteText(pool)}::text)`).join(', ')}) p(pool),
    generate_series(1, cardinality(a.ids), ${maxIdsPerTask}) f(n)`,
  )
}

interface FanOutTarget {
  readonly path: readonly TableModel[]
  readonly pools: readonly string[]
}

/** Each view once, with the pools of its columns that read the ancestor. */
function fanOutTargets({ readers }: TableModel): readonly FanOutTarget[] {
  const byView = new Map<number, ViewReader[]>()
  for (const reader of readers) byView.set(reader.path.at(-1)!.id, [...(byView.get(reader.path.at(-1)!.id) ?? []), reader])
  return [...byView.values()].map((group) => ({ path: group[0]!.path, pools: [...new Set(group.map(({ column }) => column.pool))].toSorted() }))
}

/** The rows of the last view on a path that come from some rows above its first. */
function rowsBelow(path: readonly TableModel[], ids: string): string {
  const view = path.at(-1)!
  const above = path.length === 1 ? ids : `array(${rowsBelow(path.slice(0, -1), ids)})`
  return `select v.${quoteName(view.idColumn)} as id from ${quoteName(view.schemaName, view.name)} v where v.${viewColumns.parent} = any(${above})`
}

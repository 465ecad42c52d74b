import { maxIdsPerTask, type CellColumn, type StoredColumn, type TableModel } from '../catalog/table-model.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { groupSql, historyColumns, groupLogTable, positionColumns, positionSql, type HistoryColumn, zeroSql } from '../groups/position.ts'

/**
 * What the triggers write for the history columns of a table, in the transaction that changes its groups (rule 26): for each group a log
 * row with the first and the last place that the statement touched, and a task. A row that moves touches the place that it leaves as well
 * as the one that it comes to, in both groups: what lies between is looked at, and no row is behind the last place unseen.
 */
export function captureInsertedGroups(model: TableModel): readonly string[] {
  return historyColumns(model).map((column) => logAndTasks(model, column, `select ${place(model, column, 'n')} from new_rows n`))
}

export function captureDeletedGroups(model: TableModel): readonly string[] {
  if (!guards.logDeletes) return []
  return historyColumns(model).map((column) => logAndTasks(model, column, `select ${place(model, column, 'o')} from old_rows o`))
}

/** `differs` says whether a column of `n` is another than that of `o`. */
export function captureUpdatedGroups(model: TableModel, differs: (column: StoredColumn) => string): readonly string[] {
  const key = quoteName(model.idColumn)
  return historyColumns(model).map((column) => {
    const inputs = model.stored.filter(({ attnum }) => column.storedInputs.includes(attnum))
    // an id that only one side has is a row that came or went
    const touched = [`o.${key} is null`, `n.${key} is null`, ...inputs.map(differs)].join(' or ')
    const places = (row: string): string =>
      `select ${place(model, column, row)} from old_rows o full join new_rows n on n.${key} = o.${key} where ${row}.${key} is not null and (${touched})`
    return logAndTasks(model, column, guards.logBothPlaces ? `${places('o')} union all ${places('n')}` : places('n'))
  })
}

/** When the trigger does not know the columns any more: every group. The worker that follows the change begins them anew. */
export function captureLostGroups(model: TableModel): readonly string[] {
  return historyColumns(model).map((column) => {
    const none = `false, ${zeroSql(column.history.orderType)}, 0`
    return `insert into ${groupLogTable(column.cellTable)} (bucket, ${positionColumns('lo')}, ${positionColumns('hi')}) values (null, ${none}, ${none})`
  })
}

function place(model: TableModel, { history }: HistoryColumn, row: string): string {
  const [last, key, id] = positionSql(model, history, row)
  return `${groupSql(model, history, row)} as bucket, ${last} as last, ${key} as key, ${id} as id`
}

function logAndTasks(model: TableModel, column: HistoryColumn, places: string): string {
  return `with p as materialized (${places}), lo as (
      select distinct on (bucket) bucket, last, key, id from p order by bucket, last, key, id
    ), hi as (
      select distinct on (bucket) bucket, last, key, id from p order by bucket, last desc, key desc, id desc
    ), logged as (
      insert into ${groupLogTable(column.cellTable)} (bucket, ${positionColumns('lo')}, ${positionColumns('hi')})
      select bucket, lo.last, lo.key, lo.id, hi.last, hi.key, hi.id from lo join hi using (bucket)
    )
    ${groupTasks(model, column, 'select array_agg(distinct p.bucket) as ids from p', sinceOf(model))}`
}

/** What follows from an expansion is waited for by who waits for the expansion. */
function sinceOf(model: TableModel): string {
  return model.view ? `coalesce(nullif(current_setting('vivant.since', true), '')::bigint, nextval('vivant.seq'))` : `nextval('vivant.seq')`
}

/** Tasks for the groups in the array `ids` of a query. */
export function groupTasks(model: TableModel, column: CellColumn, gathered: string, since: string): string {
  return `insert into vivant.task (table_id, pool, kind, ids, columns, since)
    select ${model.id}, ${quoteText(column.pool)}, 'group', a.ids[f.n:f.n + ${maxIdsPerTask - 1}], array[${column.id}], ${since}
    from (${gathered}) a, generate_series(1, cardinality(a.ids), ${maxIdsPerTask}) f(n)`
}

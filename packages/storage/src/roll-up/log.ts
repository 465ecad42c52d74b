import { type CellColumn, logTable, type RollUp, type TableModel, viewColumns } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import { guards } from '../guards.ts'

// The log of a view's groups: a row for each change of what columns of the parent read of one parent's rows, n = 1. Only ever more is
// written, so its sum, which counts into the tokens of those columns, grows with every change (rules 19 and 20). Which rows there are
// needs no entry: they come and go with the expansion's cell, whose seq counts as that of any cell.

/** What a roll-up reads, as the log has it. */
function logKeys({ stored, cells }: RollUp): readonly number[] {
  return [...stored.map(storedLogKey), ...cells.map(cellLogKey)]
}

/** What a view's stored column, or cell column, is in its log. */
export function storedLogKey(attnum: number): number {
  return attnum
}
export function cellLogKey(columnId: number): number {
  return -columnId
}

/** The entries that count into a column's token, for each view that it reads. */
export function logReads({ rollUps }: CellColumn): readonly { readonly viewId: number; readonly keys: readonly number[] }[] {
  const byView = new Map<number, Set<number>>()
  for (const rollUp of rollUps) byView.set(rollUp.viewId, new Set([...(byView.get(rollUp.viewId) ?? []), ...logKeys(rollUp)]))
  return [...byView].flatMap(([viewId, keys]) => (keys.size ? [{ viewId, keys: [...keys].toSorted((a, b) => a - b) }] : []))
}

/** What the logs count into the token of a column's cell of the row `id`. */
export function logSum(column: CellColumn, id: string): string {
  const sums = logReads(column).map(
    ({ viewId, keys }) => `coalesce((select sum(l.n) from vivant_data.${logTable(viewId)} l where l._id = ${id} and l.key in (${keys.join(', ')})), 0)`,
  )
  return sums.length ? sums.join(' + ') : '0'
}

/** How many entries of one row are left to stand before they are folded. */
export const foldedAbove = 64

/**
 * Makes one entry of the entries of some rows: the sum of those that this statement itself has deleted (of what its snapshot shows, another
 * may have folded some already). Folding twice at once is harmless, and waits for nobody.
 */
export async function foldLog(client: SqlClient, view: TableModel, ids: readonly number[]): Promise<void> {
  const table = `vivant_data.${logTable(view.id)}`
  const folded = guards.foldDeleted
    ? 'select _id, key, sum(n) from gone group by _id, key'
    : `select l._id, l.key, sum(l.n) from ${table} l where l._id = any($1::bigint[]) group by l._id, l.key`
  await client.query({
    text: `with gone as (delete from ${table} where ctid = any(array(select ctid from ${table} where _id = any($1::bigint[])${guards.foldDeleted ? ' for update skip locked' : ''})) returning _id, key, n)
insert into ${table} (_id, key, n) ${folded}`,
    values: [`{${ids.join(',')}}`],
  })
}

/** The entries for some rows of a view, given as `_id` with their keys: one for each parent and key. */
export function logEntries(view: TableModel, rows: string): string {
  return `insert into vivant_data.${logTable(view.id)} (_id, key, n)
  select v.${viewColumns.parent}, e.key, 1 from (${rows}) e(_id, key) join ${quoteName(view.schemaName, view.name)} v on v.${quoteName(view.idColumn)} = e._id group by 1, 2`
}

import { hashName } from '../connection/hash-name.ts'
import type { CellColumn, TableModel } from '../catalog/table-model.ts'
import type { SqlClient, Statement } from '../connection/sql-client.ts'
import { cellAlias, cellRowId, settledCondition, upstream } from '../ddl/live-view.ts'
import { quoteName } from '../ddl/quote.ts'

/** A row with cells that are not there yet. */
export interface UnsettledRow {
  readonly id: number
  /** Ids of the columns. */
  readonly columns: readonly number[]
}

/** Of some rows, those with a cell that is not settled or that will be tried again. Rows that are gone are left out. */
export async function unsettledRows(
  client: SqlClient,
  model: TableModel,
  columns: readonly CellColumn[],
  ids: readonly number[],
): Promise<readonly UnsettledRow[]> {
  if (!columns.length || !ids.length) return []
  const { rows } = await client.queryArrays(unsettledStatement(model, columns, ids))
  return rows.map(([id, ...open]) => ({ id: Number(id), columns: columns.flatMap((column, index) => (open[index] === true ? [column.id] : [])) }))
}

/** The statement, for `unsettledRows` and for tests of its text. */
export function unsettledStatement(model: TableModel, columns: readonly CellColumn[], ids: readonly number[]): Statement {
  const needed = [...new Set(columns.flatMap((column) => upstream(model, column)))]
  const isOpen = (column: CellColumn): string => `not coalesce(${settledCondition(model, column)}, false) or ${cellAlias(column)}.status = 'error'`
  const text = `select * from (
  select t.${quoteName(model.idColumn)} as _id, ${columns.map((column, index) => `(${isOpen(column)}) as o${index}`).join(', ')}
  from unnest($1::bigint[]) k(_id)
  join ${quoteName(model.schemaName, model.name)} t on t.${quoteName(model.idColumn)} = k._id
  ${needed.map((column) => `left join lateral (select * from vivant_data.${quoteName(column.cellTable)} where _id = ${cellRowId(model, column)} limit 1) ${cellAlias(column)} on true`).join('\n  ')}
) r where ${columns.map((_, index) => `r.o${index}`).join(' or ')}`
  return { text, name: `unsettled_${model.id}_${model.schemaVersion}_${hashName(text)}`, values: [`{${ids.join(',')}}`] }
}

import type { TableModel } from '../catalog/table-model.ts'
import { groupSql, groupTable, type HistoryColumn, groupLogTable, positionColumns, positionSql } from './position.ts'

/** Whether the cell of a row is right as far as its group is known: it lies before the group's mark, and nothing was touched up to it since. */
export function groupCurrent(model: TableModel, column: HistoryColumn, row: string): string {
  const place = `(${positionSql(model, column.history, row).join(', ')})`
  const log = groupLogTable(column.cellTable)
  return `exists (select from ${groupTable(column.cellTable)} g where g.bucket = ${groupSql(model, column.history, row)} and g.version = (select vivant.column_version(${column.id}))
  and (g.done or ${place} < (${positionColumns('dirty', 'g')}))
  and not exists (select from ${log} l where l.bucket = g.bucket and (${positionColumns('lo', 'l')}) <= ${place})) and not exists (select from ${log} l where l.bucket is null)`
}

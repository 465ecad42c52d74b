import type { TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import { groupSql, type HistoryColumn, groupLogTable, positionColumns, positionSql } from './position.ts'

/** Where some rows are now: `source` gives their `_id`. */
export function placesOf(model: TableModel, column: HistoryColumn, source: string): string {
  const [last, key, id] = positionSql(model, column.history, 't')
  return `select ${groupSql(model, column.history, 't')} as bucket, ${last} as last, ${key} as key, ${id} as id
  from ${quoteName(model.schemaName, model.name)} t join (${source}) m on m._id = t.${quoteName(model.idColumn)}`
}

/** A log row for each place of `places`, which is a query or the name of one. `forced` rows are run again although nothing changed for them. */
export function logPlaces(
  column: HistoryColumn,
  places: string,
  { forced = false, where = '' }: { readonly forced?: boolean; readonly where?: string } = {},
): string {
  return `insert into ${groupLogTable(column.cellTable)} (bucket, ${positionColumns('lo')}, ${positionColumns('hi')}, source, forced)
  select p.bucket, p.last, p.key, p.id, p.last, p.key, p.id, p.id, ${forced} from ${places} p${where && ` where ${where}`}`
}

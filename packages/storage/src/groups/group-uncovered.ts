import { cellById, type TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import { groupSql, type HistoryColumn, positionSql } from './position.ts'

/**
 * Whether no task has the group of a row `t`, and the group waits for nothing. A group waits at the
 * first row of which an input is not there; the commit that brings it brings the group's task.
 */
export function groupUncovered(model: TableModel, column: HistoryColumn): string {
  const inputs = column.cellInputs.map((id) => cellById(model, id))
  const key = quoteName(model.idColumn)
  const waits = inputs.map(({ id }) => `w${id}.status is null or w${id}.status = 'error'`).join(' or ')
  const waiting = inputs.length
    ? ` and not exists (select from ${quoteName(model.schemaName, model.name)} e
    ${inputs.map(({ id, cellTable }) => `left join vivant_data.${quoteName(cellTable)} w${id} on w${id}._id = e.${key}`).join(' ')}
    where ${groupSql(model, column.history, 'e')} = ${groupSql(model, column.history, 't')} and (${positionSql(model, column.history, 'e').join(', ')}) <= (${positionSql(model, column.history, 't').join(', ')}) and (${waits}))`
    : ''
  return `${groupSql(model, column.history, 't')} not in (select unnest(k.ids) from vivant.task k where k.table_id = ${model.id} and k.kind = 'group' and ${column.id} = any(k.columns))${waiting}`
}

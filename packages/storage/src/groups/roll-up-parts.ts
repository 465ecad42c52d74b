import type { Parameters } from '../connection/parameters.ts'
import { quoteName } from '../ddl/quote.ts'
import { cellLogKey } from '../roll-up/log.ts'
import { parentParts, ParentRows, parentsOfCell } from '../roll-up/parent-parts.ts'
import { pgType } from '../value/pg-type.ts'
import type { GroupCommit } from './commit-group.ts'
import type { GroupPlace } from './load-group.ts'
import { groupSql, positionSql } from './position.ts'

/**
 * What columns of the parent read of a view's history column. One that waits for all rows looks again for every row that the piece has made
 * right, written or not. `moved` is null where no cell is written.
 */
export function groupRollUpParts(commit: GroupCommit, moved: string | null, parameters: Parameters): ReturnType<typeof parentParts> {
  const { model, column, since } = commit
  const { isLogged, following, waiting } = parentsOfCell(model, column.id)
  const rows = new ParentRows()
  if (moved !== null) rows.add(following, moved)
  if (waiting.length) rows.add(waiting, rightRows(commit, parameters))
  const entries = moved !== null && isLogged ? [`select _id, ${cellLogKey(column.id)} from (${moved}) k`] : []
  return parentParts(model, entries, rows, () => ({ value: parameters.add(since, 'bigint'), join: '' }))
}

/** The rows from where the piece began to where it ends. */
function rightRows({ model, column, group, start, dirty }: GroupCommit, parameters: Parameters): string {
  const place = `(${positionSql(model, column.history, 't').join(', ')})`
  const given = ({ last, key, id }: GroupPlace): string =>
    `(${parameters.add(last, 'bool')}, ${parameters.add(key, pgType(column.history.orderType))}, ${parameters.add(id, 'bigint')})`
  return `select t.${quoteName(model.idColumn)} as _id from ${quoteName(model.schemaName, model.name)} t
    where ${groupSql(model, column.history, 't')} = ${parameters.add(group, 'bigint')}${start ? ` and ${place} >= ${given(start)}` : ''}${dirty ? ` and ${place} < ${given(dirty)}` : ''}`
}

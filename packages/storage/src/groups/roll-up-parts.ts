import { maxIdsPerTask, type TableModel, viewColumns } from '../catalog/table-model.ts'
import type { Parameters } from '../connection/parameters.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { cellLogKey, logEntries } from '../roll-up/log.ts'
import { waitedColumns } from '../roll-up/roll-up-text.ts'
import { pgType } from '../value/pg-type.ts'
import type { GroupCommit } from './commit-group.ts'
import type { GroupPlace } from './load-group.ts'
import { groupSql, positionSql } from './position.ts'

/**
 * What columns of the parent read of a view's history column: an entry in the view's log where a seq moved, and a task for the parents' rows
 * (rule 19). One that waits for all rows is looked at again for every row that the piece has made right, written or not (rule 21). `moved` is
 * null where no cell is written.
 */
export function groupRollUpParts(
  commit: GroupCommit,
  moved: string | null,
  parameters: Parameters,
): { readonly ctes: readonly string[]; readonly tasks: readonly string[] } {
  const { model, column } = commit
  const readers = model.rolledUp.filter(({ rollUp }) => rollUp.cells.includes(column.id))
  const waiting = model.rolledUp.filter(({ rollUp }) => rollUp.node.wait === 'all' && waitedColumns(model, rollUp).some(({ id }) => id === column.id))
  const ctes = moved !== null && readers.length ? [`logged as (${logEntries(model, `select _id, ${cellLogKey(column.id)} from (${moved}) k`)})`] : []
  const tasks: string[] = []
  const add = (pools: readonly string[], ids: string): void => {
    for (const pool of new Set(pools)) {
      tasks.push(`above${tasks.length}`)
      ctes.push(`${tasks.at(-1)} as (${parentTask(commit, pool, ids, parameters)} returning 1)`)
    }
  }
  if (moved !== null)
    add(
      readers.filter((reader) => !waiting.includes(reader)).map((reader) => reader.column.pool),
      moved,
    )
  if (waiting.length)
    add(
      waiting.map((reader) => reader.column.pool),
      rightRows(commit, parameters),
    )
  return { ctes, tasks }
}

/** The rows from where the piece began to where it ends. */
function rightRows({ model, column, group, start, dirty }: GroupCommit, parameters: Parameters): string {
  const place = `(${positionSql(model, column.history, 't').join(', ')})`
  const given = ({ last, key, id }: GroupPlace): string =>
    `(${parameters.add(last, 'bool')}, ${parameters.add(key, pgType(column.history.orderType))}, ${parameters.add(id, 'bigint')})`
  return `select t.${quoteName(model.idColumn)} as _id from ${quoteName(model.schemaName, model.name)} t
    where ${groupSql(model, column.history, 't')} = ${parameters.add(group, 'bigint')}${start ? ` and ${place} >= ${given(start)}` : ''}${dirty ? ` and ${place} < ${given(dirty)}` : ''}`
}

function parentTask({ model, since }: GroupCommit, pool: string, ids: string, parameters: Parameters): string {
  return `insert into vivant.task (table_id, pool, kind, ids, since)
  select ${parentOf(model)}, ${quoteText(pool)}, 'fresh', array_agg(n._id order by n._id), ${parameters.add(since, 'bigint')}
  from (select p._id, (row_number() over (order by p._id) - 1) / ${maxIdsPerTask} as chunk
    from (select distinct v.${viewColumns.parent} as _id from (${ids}) u join ${quoteName(model.schemaName, model.name)} v on v.${quoteName(model.idColumn)} = u._id) p) n group by n.chunk`
}

function parentOf({ view }: TableModel): number {
  return view!.parentId
}

import { maxIdsPerTask, type TableModel, viewColumns } from '../catalog/table-model.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { logEntries } from './log.ts'
import { waitedColumns } from './roll-up-text.ts'

/** What the parent of a view makes of a change of one of the view's cells. */
export interface CellParents {
  /** A seq that moves is an entry in the log (rule 19). */
  readonly isLogged: boolean
  /** Pools of columns that follow it: they look again where a seq moved. */
  readonly following: readonly string[]
  /** Pools of columns that wait for all rows: they look again wherever a cell was made, equal or not, as it may be the last (rule 21). */
  readonly waiting: readonly string[]
}

export function parentsOfCell(model: TableModel, columnId: number): CellParents {
  const readers = guards.logChildren ? model.rolledUp : []
  const reading = readers.filter(({ rollUp }) => rollUp.cells.includes(columnId))
  const waiting = readers.filter(
    ({ rollUp }) => guards.equalAddsTask && rollUp.node.wait === 'all' && waitedColumns(model, rollUp).some(({ id }) => id === columnId),
  )
  const poolsOf = (list: typeof readers): readonly string[] => [...new Set(list.map(({ column }) => column.pool))]
  return { isLogged: reading.length > 0, following: poolsOf(reading.filter((reader) => !waiting.includes(reader))), waiting: poolsOf(waiting) }
}

/** Gathers, pool by pool, the statements that give the rows of the view to look at. */
export class ParentRows {
  readonly #sources = new Map<string, Set<string>>()

  add(pools: readonly string[], ids: string): void {
    for (const pool of pools) this.#sources.set(pool, (this.#sources.get(pool) ?? new Set()).add(ids))
  }

  get pools(): readonly { readonly pool: string; readonly ids: string }[] {
    return [...this.#sources].map(([pool, sources]) => ({ pool, ids: [...sources].join(' union ') }))
  }
}

/** The parts of a commit for the parents of rows of a view: entries in the view's log, and tasks. `tasks` are the names of those. */
export function parentParts(
  model: TableModel,
  entries: readonly string[],
  rows: ParentRows,
  since: () => { readonly value: string; readonly join: string },
): { readonly ctes: readonly string[]; readonly tasks: readonly string[] } {
  const tasks = rows.pools.map(({ pool, ids }, index) => ({ name: `above${index}`, text: parentTask(model, pool, ids, since()) }))
  return {
    ctes: [
      ...(entries.length ? [`logged as (${logEntries(model, entries.join(' union all '))})`] : []),
      ...tasks.map(({ name, text }) => `${name} as (${text} returning 1)`),
    ],
    tasks: tasks.map(({ name }) => name),
  }
}

function parentTask(model: TableModel, pool: string, ids: string, since: { readonly value: string; readonly join: string }): string {
  const parents = `select v.${viewColumns.parent} as _id, min(${since.value}) as since from (${ids}) u ${since.join}
    join ${quoteName(model.schemaName, model.name)} v on v.${quoteName(model.idColumn)} = u._id group by 1`
  return `insert into vivant.task (table_id, pool, kind, ids, since)
  select ${model.view!.parentId}, ${quoteText(pool)}, 'fresh', array_agg(n._id order by n._id), n.since
  from (select p._id, p.since, (row_number() over (partition by p.since order by p._id) - 1) / ${maxIdsPerTask} as chunk from (${parents}) p) n group by n.since, n.chunk`
}

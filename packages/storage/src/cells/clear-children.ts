import { viewColumns } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { quoteName } from '../ddl/quote.ts'
import { clearedRows, type ExpansionCommit, lockParents, skipLocked, writeCells } from './commit-expansions.ts'
import type { ExpansionWrite } from './expansion-writes.ts'

/** `lost`: the leases or the schema are not what they were. `overtaken`: another run is at the row. `locked`: users hold what is left. */
export type Clearing = 'more' | 'cleared' | 'lost' | 'overtaken' | 'locked'

/**
 * Deletes some of what an older list has left behind a run that is not at its end; no reader sees it any more. The cell stays
 * unfinished, so whoever takes the row up after a crash comes here again.
 */
export async function clearChildren(database: Database, commit: ExpansionCommit & { readonly writes: readonly [ExpansionWrite] }): Promise<Clearing> {
  const { view, writes } = commit
  const [{ id, count }] = writes
  return database.transaction(async (tx) => {
    const parents = await lockParents(tx, commit)
    if (!parents) return 'lost'
    if (!parents.has(id)) return 'locked'
    if (!(await writeCells(tx, commit, writes)).has(id)) return 'overtaken'
    const [table, key] = [quoteName(view.schemaName, view.name), quoteName(view.idColumn)]
    const behind = `${viewColumns.parent} = $1 and ${viewColumns.position} >= $2`
    const { rows } = await tx.query<{ deleted: number }>({
      text: `with old as materialized (select ${key} as id from ${table} where ${behind} order by ${viewColumns.position} limit ${clearedRows} for update${skipLocked()}),
gone as (delete from ${table} where ${key} = any(array(select id from old)) returning 1)
select count(*)::int as deleted from gone`,
      values: [id, count],
    })
    const { deleted } = rows[0]!
    if (deleted === clearedRows) return 'more'
    const left = await tx.query({ text: `select from ${table} where ${behind} limit 1`, values: [id, count] })
    return left.rowCount ? 'locked' : 'cleared'
  })
}

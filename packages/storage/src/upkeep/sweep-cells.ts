import type { Database } from '../connection/database.ts'
import { cellById, revisionTable, type CellColumn, type TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { logSum } from '../roll-up/log.ts'

export interface SweepRequest {
  readonly owner: string
  readonly tasks: readonly number[]
  readonly ids: readonly number[]
}

/**
 * Deletes the cells of deleted rows: by token, never by absence of the row (rule 23), so that an id that came back keeps
 * what was computed for it since. Tombstones stay (rule 24).
 */
export async function sweepCells(database: Database, model: TableModel, request: SweepRequest): Promise<void> {
  const deletes = model.cells.map((column, index) => {
    const table = `vivant_data.${quoteName(column.cellTable)}`
    const isGone = `not exists (select from ${quoteName(model.schemaName, model.name)} t where t.${quoteName(model.idColumn)} = c._id)`
    // a token with several summands may exceed the tombstone: where there is no row, it is compared with the whole sum, which counts the tombstone too
    // an id of a view's row never comes back: there the row's absence says enough, and what its parents contributed cannot be told any more
    const isOld = model.view ? isGone : `(${isGone} and c.token < ${sumNow(model, column)})`
    const old = guards.sweepByToken ? `(c.token < r.rev or ${isOld})` : isGone
    // one table after the other, in the order in which workers lock cells
    return `d${index} as (delete from ${table} c using vivant_data.${revisionTable(model.id)} r, held${index ? `, (select count(*) from d${index - 1}) b` : ''}
  where c._id = any($3::bigint[]) and r._id = c._id and r.attnum = 0 and ${old} returning 1)`
  })
  const last = deletes.length ? `, (select count(*) from d${deletes.length - 1}) b` : ''
  await database.query({
    text: `with held as materialized (select count(*) from (select id from vivant.task where id = any($1::bigint[]) and owner = $2 for update) h having count(*) = cardinality($1::bigint[]))
${deletes.map((text) => `, ${text}`).join('\n')}
delete from vivant.task t using held${last} where t.id = any($1::bigint[])`,
    // a table without cells has no place for the ids, and a parameter too many is an error
    values: [request.tasks, request.owner, ...(deletes.length ? [request.ids] : [])],
  })
}

/** What the token of a cell would be now. A cell that was made after the tombstone has at least this. */
function sumNow(model: TableModel, column: CellColumn): string {
  const revisions = `(select sum(x.rev) from vivant_data.${revisionTable(model.id)} x where x._id = c._id and x.attnum in (${[0, ...column.storedInputs].join(', ')}))`
  const seqs = column.cellInputs.map(
    (input) => `coalesce((select i.seq from vivant_data.${quoteName(cellById(model, input).cellTable)} i where i._id = c._id), 0)`,
  )
  return [revisions, ...seqs, ...(column.rollUps.length ? [logSum(column, 'c._id')] : [])].join(' + ')
}

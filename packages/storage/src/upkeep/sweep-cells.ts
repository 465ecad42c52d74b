import type { Database } from '../connection/database.ts'
import { revisionTable, type TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import { guards } from '../guards.ts'

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
    const old = guards.sweepByToken
      ? `c.token < r.rev`
      : `not exists (select from ${quoteName(model.schemaName, model.name)} t where t.${quoteName(model.idColumn)} = c._id)`
    // one table after the other, in the order in which workers lock cells
    return `d${index} as (delete from ${table} c using vivant_data.${revisionTable(model.id)} r, held${index ? `, (select count(*) from d${index - 1}) b` : ''}
  where c._id = any($1::bigint[]) and r._id = c._id and r.attnum = 0 and ${old} returning 1)`
  })
  const last = deletes.length ? `, (select count(*) from d${deletes.length - 1}) b` : ''
  await database.query({
    text: `with held as materialized (select count(*) from (select id from vivant.task where id = any($2::bigint[]) and owner = $3 for update) h having count(*) = cardinality($2::bigint[]))
${deletes.map((text) => `, ${text}`).join('\n')}
delete from vivant.task t using held${last} where t.id = any($2::bigint[])`,
    values: [request.ids, request.tasks, request.owner]
  })
}

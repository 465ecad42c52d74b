import type { TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'

/**
 * Notes up to which row the backfills of a table have to sweep, where nobody did yet. Never in the transaction that
 * publishes: a row that commits between its snapshot and its commit could be looked at by a worker that does not know the
 * column. After it, rows above the bound have tasks of their own that are served by the new schema.
 */
export async function readUpperBounds(client: SqlClient, model: TableModel): Promise<void> {
  await client.query({
    text: `update vivant.backfill set upper_bound = coalesce((select max(${quoteName(model.idColumn)}) from ${quoteName(model.schemaName, model.name)}), 0),
  rows_total = (select nullif(greatest(reltuples, 0), 0)::bigint from pg_class where oid = $2)
where table_id = $1 and upper_bound is null and state = 'running'`,
    values: [model.id, model.relation],
  })
}

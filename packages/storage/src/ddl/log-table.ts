import { logTable, type TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { protectData } from './protect-data.ts'

/** Makes the log of a view (`roll-up/log.ts`), unless it is there. */
export async function createLogTable(client: SqlClient, view: TableModel): Promise<void> {
  const table = `vivant_data.${logTable(view.id)}`
  const { rows } = await client.query<{ found: boolean }>({ text: 'select to_regclass($1) is not null as found', values: [table] })
  if (rows[0]!.found) return
  await client.query(`create table ${table} (_id bigint not null, key int not null, n bigint not null)`)
  await client.query(`create index on ${table} (_id)`)
  await protectData(client, table, `Changes of ${view.name} that columns of ${view.view!.parent.name} follow`)
}

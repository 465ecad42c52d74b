import type { TableModel } from '../catalog/table-model.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { insertBackfills } from '../declare/publication.ts'
import { historyColumns, groupLogTable } from './position.ts'

/** Begins the groups of history columns anew where a trigger met columns that it did not know, and could not tell which groups it touched. */
export async function restartLostGroups(tx: SqlTransaction, model: TableModel): Promise<void> {
  for (const column of historyColumns(model)) {
    const { rowCount } = await tx.query(`delete from ${groupLogTable(column.cellTable)} where bucket is null`)
    if (rowCount === 0) continue
    await tx.query({ text: 'update vivant."column" set version = version + 1 where id = $1', values: [column.id] })
    await insertBackfills(tx, [column.id])
  }
}

import type { Database } from '../connection/database.ts'
import type { CellColumn, TableModel } from '../catalog/table-model.ts'
import { insertBackfills } from '../declare/publication.ts'
import { lockTimeoutMs, retryOnLock } from '../declare/retry-on-lock.ts'
import { quoteName } from '../ddl/quote.ts'

/** How long a pause may give way to others. */
const timeoutMs = 30_000

export async function countFailures(database: Database, column: CellColumn): Promise<{ readonly failures: number; readonly cells: number }> {
  const { rows } = await database.query<{ failures: number; cells: number }>(
    `select count(*) filter (where status = 'failed')::int as failures, count(*)::int as cells from vivant_data.${quoteName(column.cellTable)} where version = ${column.version}`,
  )
  return rows[0]!
}

/** Stops computing a column. Its paused backfill record, written in the same transaction, covers every row until it is resumed. */
export async function pauseColumn(database: Database, model: TableModel, column: CellColumn): Promise<void> {
  await setState(database, model, column, 'paused')
}

/** Computes again: the record's sweep begins. */
export async function resumeColumn(database: Database, model: TableModel, column: CellColumn): Promise<void> {
  await setState(database, model, column, 'active')
}

async function setState(database: Database, model: TableModel, column: CellColumn, state: 'active' | 'paused'): Promise<void> {
  // it gives way: a user's TRUNCATE updates the same rows of the catalog, in an order of its own
  await retryOnLock(`${state === 'paused' ? 'Pausing' : 'Resuming'} ${column.name}`, timeoutMs, () =>
    database.transaction(
      async (tx) => {
        const { rowCount } = await tx.query({
          text: `update vivant."column" set state = $2 where id = $1 and state <> $2 and state <> 'declaring'`,
          values: [column.id, state],
        })
        if (!rowCount) return
        await tx.query({ text: 'update vivant."table" set schema_version = schema_version + 1 where id = $1', values: [model.id] })
        await insertBackfills(tx, [column.id])
      },
      { lockTimeoutMs },
    ),
  )
}

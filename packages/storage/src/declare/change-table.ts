import { VivantError } from '@vivant/core'
import { widenCapture } from '../capture/arm-table.ts'
import { readTable } from '../catalog/read-catalog.ts'
import type { TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { replaceLiveView } from '../ddl/live-view.ts'
import { quoteName } from '../ddl/quote.ts'
import { bumpSchemaVersion, lockTable } from './lock-table.ts'
import { refusePending } from './refuse-pending.ts'
import { lockTimeoutMs, retryOnLock } from './retry-on-lock.ts'

/** What a change of the schema is called in messages, and how long it may wait for others. */
export interface ChangeOptions {
  readonly what: string
  readonly timeoutMs: number
}

/**
 * Changes a table in one transaction: `work` changes table and catalog, then capture and live view are made to follow. Gives way to
 * others' locks and tries again. Throws COLUMN_NEEDED when objects of the user's own depend on what is dropped, and DECLARATION_WAITS while a
 * replacement of the table's columns is to be published.
 */
export async function changeTable(
  database: Database,
  tableId: number,
  { what, timeoutMs }: ChangeOptions,
  work: (tx: SqlTransaction, model: TableModel) => Promise<void>,
): Promise<void> {
  await retryOnLock(what, timeoutMs, () =>
    database
      .transaction(
        async (tx) => {
          const before = await lockTable(tx, tableId)
          await refusePending(tx, before, null)
          await work(tx, before)
          const model = (await readTable(tx, tableId))!
          await widenCapture(tx, model)
          await replaceLiveView(tx, model)
          await bumpSchemaVersion(tx, tableId)
        },
        { lockTimeoutMs },
      )
      .catch((error: unknown) => {
        throw translateDependents(what, error)
      }),
  )
}

/** PostgreSQL's own refusal (views, foreign keys, functions of the user's) with Vivant's code. */
export function translateDependents(what: string, error: unknown): unknown {
  const { code, detail, message } = error as { readonly code?: string; readonly detail?: string; readonly message: string }
  if (code !== '2BP01') return error
  return new VivantError('COLUMN_NEEDED', `${what} is refused, because other objects of the database depend on it: ${detail ?? message}`, { cause: error })
}

/** PostgreSQL drops or retypes no column that the live view shows; `changeTable` makes it again. */
export async function dropLiveView(tx: SqlTransaction, model: TableModel): Promise<void> {
  await tx.query(`drop view if exists ${quoteName(model.liveSchema, model.name)}`)
}

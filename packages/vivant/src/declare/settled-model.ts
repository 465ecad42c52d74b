import { finishPublication, openPublications, repairDrift, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

/** How long a declaration waits for transactions that were writing when it began. */
export const declarationTimeoutMs = 30_000

/** How long it waits for others that follow the same, or use the table. */
const followTimeoutMs = 5000

/** The table as it is now, whatever users did to it by SQL, when no earlier declaration of it is under way any more. */
export async function settledModel(runtime: Runtime, name: string): Promise<TableModel> {
  await followUsers(runtime)
  const model = await runtime.freshModel(name)
  const open = await openPublications(runtime.database, model.id)
  for (const operation of open) await finishPublication(runtime.database, operation, declarationTimeoutMs)
  return open.length > 0 ? runtime.freshModel(name) : model
}

/** Brings the catalog to the tables as they are, so that a declaration need not wait for a worker to do it. */
export async function followUsers(runtime: Runtime): Promise<void> {
  for (const { tableId, error } of await repairDrift(runtime.database, followTimeoutMs))
    runtime.log.warn('A table does not follow a change of its schema.', { tableId, error: error.message })
}

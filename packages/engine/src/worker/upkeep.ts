import type { FunctionLog } from '@vivant/core'
import { freeExpiredLeases } from '@vivant/queue'
import { dropCells, finishOpenPublications, repairDrift, type Database } from '@vivant/storage'

/** What every worker does now and then, whoever caused it. */
export async function upkeep(database: Database, log: FunctionLog): Promise<void> {
  if (!database.profile.singleProcess) {
    await freeExpiredLeases(database)
    await database.query(`delete from vivant.worker where seen_at < now() - interval '1 minute'`)
  }
  for (const { tableId, error } of [...(await repairDrift(database)), ...(await finishOpenPublications(database))])
    log.warn('A table does not follow a change of its schema; it is tried again.', { tableId, error: error.message })
  await dropCells(database)
}

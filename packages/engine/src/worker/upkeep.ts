import { freeExpiredLeases } from '@vivant/queue'
import { dropCells, finishOpenPublications, repairDrift, type Database } from '@vivant/storage'

/** What every worker does now and then, whoever caused it. */
export async function upkeep(database: Database): Promise<void> {
  if (!database.profile.singleProcess) {
    await freeExpiredLeases(database)
    await database.query(`delete from vivant.worker where seen_at < now() - interval '1 minute'`)
  }
  await repairDrift(database)
  await finishOpenPublications(database)
  await dropCells(database)
}

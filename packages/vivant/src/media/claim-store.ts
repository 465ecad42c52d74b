import type { MediaStore } from '@vivant/core'
import { databaseName, type SqlClient } from '@vivant/storage'

/** Notes at a store that this database keeps media in it. Gives the names of the other databases that do. */
export async function claimStore(client: SqlClient, store: MediaStore): Promise<readonly string[]> {
  if (!store.claim) return []
  const name = await databaseName(client)
  return (await store.claim(name)).filter((other) => other !== name)
}

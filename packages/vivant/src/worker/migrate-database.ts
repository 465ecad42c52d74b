import { migrate, openDatabase } from '@vivant/storage'
import { parseTarget } from '../database/parse-target.ts'

export interface MigrateResult {
  /** Names of the migrations that ran now. */
  readonly applied: readonly string[]
}

/**
 * Brings the system schema of a database to this version of Vivant; `connect` does it as well. Safe when several processes do
 * it at once.
 *
 * @throws SCHEMA_NEWER a newer Vivant made it; EXTENSION_MISSING; DATABASE_UNREACHABLE; CONFIGURATION_INVALID
 */
export async function migrateDatabase(target: string): Promise<MigrateResult> {
  await using database = await openDatabase(await parseTarget(target))
  return await migrate(database)
}

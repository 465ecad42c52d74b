import { migrateDatabase } from 'vivant'
import { databaseTarget, type TargetOptions } from '../database-target.ts'
import { exitCodes } from '../exit-codes.ts'

export interface MigrateCommandOptions extends TargetOptions {
  readonly json?: boolean
}

/** Brings the system schema up to date. */
export async function migrateCommand(options: MigrateCommandOptions): Promise<number> {
  const { applied } = await migrateDatabase(databaseTarget(options))
  if (options.json) process.stdout.write(`${JSON.stringify({ applied })}\n`)
  else process.stdout.write(applied.length ? `Applied ${applied.join(', ')}.\n` : 'The database is up to date.\n')
  return exitCodes.ok
}

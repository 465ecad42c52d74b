import { VivantError } from '@vivant/core'
import { Pool } from 'pg'
import { Database } from './database.ts'
import { serverProfile } from './engine-profile.ts'

export interface ServerOptions {
  /** Connections that this process may hold at once. */
  readonly connections?: number
  readonly applicationName?: string
}

/** A PostgreSQL server, by URL or through a pool of the user's own (which stays his to end). */
export async function openServer(target: string | Pool, options: ServerOptions = {}): Promise<Database> {
  const own = typeof target === 'string'
  const pool = own
    ? new Pool({
        connectionString: target,
        max: options.connections ?? serverProfile.connections,
        application_name: options.applicationName ?? 'vivant',
        keepAlive: true
      })
    : target
  // An idle connection that breaks is replaced by the pool; without a listener the error would end the process.
  if (own) pool.on('error', () => {})
  try {
    await pool.query('select 1')
  } catch (error) {
    if (own) await pool.end()
    throw new VivantError('DATABASE_UNREACHABLE', `PostgreSQL cannot be reached: ${(error as Error).message}`, { cause: error })
  }
  return new Database({
    pool,
    profile: { ...serverProfile, connections: pool.options.max ?? serverProfile.connections },
    dispose: async () => {
      if (own) await pool.end()
    }
  })
}

import { VivantError } from '@vivant/core'
import { Pool, type PoolClient } from 'pg'
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
        keepAlive: true,
        verify: withoutJit,
      })
    : target
  // An idle connection that breaks is replaced by the pool; without a listener the error would end the process.
  if (own) pool.on('error', () => {})
  try {
    await checkServer(pool)
  } catch (error) {
    if (own) await pool.end()
    throw error
  }
  return new Database({
    pool,
    profile: { ...serverProfile, connections: pool.options.max ?? serverProfile.connections },
    dispose: async () => {
      if (own) await pool.end()
    },
  })
}

/**
 * Statements over many cell tables have so many expressions that compiling them takes seconds, even for a handful of rows. A pool of the
 * user's own keeps its settings.
 */
function withoutJit(client: PoolClient, done: (error?: Error) => void): void {
  client.query('set jit = off', (error?: Error | null) => done(error ?? undefined))
}

async function checkServer(pool: Pool): Promise<void> {
  let settings: { version: number; datestyle: string }
  try {
    const { rows } = await pool.query<typeof settings>(
      "select current_setting('server_version_num')::int as version, current_setting('datestyle') as datestyle",
    )
    settings = rows[0]!
  } catch (error) {
    throw new VivantError('DATABASE_UNREACHABLE', `PostgreSQL cannot be reached: ${(error as Error).message || String(error)}`, { cause: error })
  }
  if (settings.version < 150_000)
    throw new VivantError('CONFIGURATION_INVALID', `PostgreSQL 15 or newer is needed; this server is ${Math.floor(settings.version / 10_000)}.`)
  if (!settings.datestyle.startsWith('ISO'))
    throw new VivantError(
      'CONFIGURATION_INVALID',
      `DateStyle is "${settings.datestyle}" in this database, and timestamps are read in ISO style: alter database … set datestyle = 'ISO'.`,
    )
}

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { Pool } from 'pg'
import { createEngine } from './create-engine.ts'
import { Database } from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import { embeddedProfile } from './engine-profile.ts'

/**
 * PostgreSQL in this process: in a folder, or in memory (`'memory:'`). A folder belongs to one process at a time.
 * fsync is off in this engine: a killed process loses nothing that was acknowledged, a power cut may.
 */
export async function openEmbedded(target: string): Promise<Database> {
  const inMemory = target === 'memory:'
  if (!inMemory) await mkdir(target, { recursive: true })
  const lock = inMemory ? undefined : await lockDirectory(target)
  try {
    const engine = await createEngine(inMemory ? null : join(target, 'postgres'))
    // one session behind every client: it must never be replaced, so it never idles out
    const pool = new Pool(Object.assign(createPgConfig(engine), { max: 1, idleTimeoutMillis: 0 }) as never)
    pool.on('error', () => {})
    return new Database({
      pool,
      profile: embeddedProfile,
      dispose: async () => {
        await pool.end()
        await engine.close()
        await lock?.[Symbol.asyncDispose]()
      },
    })
  } catch (error) {
    await lock?.[Symbol.asyncDispose]()
    throw error
  }
}

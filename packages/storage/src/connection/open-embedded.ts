import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { Pool } from 'pg'
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
    const engine = await PGlite.create({
      ...(inMemory ? {} : { dataDir: join(target, 'postgres') }),
      extensions: { vector },
      startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB', '-c', 'max_wal_size=256MB'],
    })
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

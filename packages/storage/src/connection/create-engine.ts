import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'

/** Of this process: the files of an empty database. Making them takes a second or two, loading them a quarter of one. */
let emptyFiles: Promise<Blob | File> | undefined
let created = 0

/** PostgreSQL in this process, its data in a folder or (null) in memory. */
export async function createEngine(dataDir: string | null): Promise<PGlite> {
  const isNew = dataDir === null || !existsSync(join(dataDir, 'PG_VERSION'))
  // who opens a second one will open more: tests, most often. One alone need not hold 40 MB for others
  if (isNew && created++ > 0) emptyFiles ??= makeEmptyFiles()
  return PGlite.create({
    ...(dataDir === null ? {} : { dataDir }),
    ...(isNew && emptyFiles ? { loadDataDir: await emptyFiles } : {}),
    extensions: { vector },
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB', '-c', 'max_wal_size=256MB'],
  })
}

async function makeEmptyFiles(): Promise<Blob | File> {
  const engine = await PGlite.create({ extensions: { vector } })
  try {
    return await engine.dumpDataDir('none')
  } finally {
    await engine.close()
  }
}

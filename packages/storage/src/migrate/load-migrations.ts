import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export interface Migration {
  readonly name: string
  readonly sql: string
  readonly hash: string
}

// In the workspace the migrations are a folder of the repository; the published package carries a copy.
const candidates = ['../../migrations/', '../../../../migrations/'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** `incremental` run once, in order, and are frozen by their hash; `idempotent` are applied again whenever one of them changed. */
export async function loadMigrations(): Promise<{ incremental: Migration[]; idempotent: Migration[] }> {
  const root = candidates.find((path) => existsSync(path)) ?? candidates[0]!
  return { incremental: await loadFolder(`${root}incremental`), idempotent: await loadFolder(`${root}idempotent`) }
}

async function loadFolder(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(`${folder}/${name}`, 'utf8')
      return { name, sql, hash: createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex') }
    }),
  )
}

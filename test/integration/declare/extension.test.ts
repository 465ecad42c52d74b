import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { connect, isVivantError, migrateDatabase } from 'vivant'
import { createServerDatabase } from '../../postgres/server-database.ts'

const serverUrl = process.env['VIVANT_TEST_SERVER_URL']

const refusal = async (connecting: Promise<unknown>) => {
  const error: unknown = await connecting.then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  )
  if (!isVivantError(error, 'EXTENSION_MISSING')) throw error
  return error.message
}

test('a server without pgvector is refused with what to install, and left as it was', async () => {
  // PostgreSQL without it: the embedded engine's, seen as a server
  const engine = await PGlite.create()
  const pool = new pg.Pool(Object.assign(createPgConfig(engine), { max: 1 }) as never)
  try {
    expect(await refusal(connect(pool, { worker: false }))).toContain('lacks the pgvector extension (0.8.0 or newer): install it')
    const { rows } = await pool.query("select nspname from pg_namespace where nspname like 'vivant%'")
    expect(rows).toEqual([])
  } finally {
    await pool.end()
    await engine.close()
  }
})

describe.skipIf(!serverUrl)('on a server', () => {
  test('a pgvector that is too old is refused with how to update it, and then taken', async () => {
    const database = await createServerDatabase(serverUrl!)
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const pretend = (version: string) => client.query("update pg_extension set extversion = $1 where extname = 'vector'", [version])
    const { rows } = await client.query<{ version: string }>("select extversion as version from pg_extension where extname = 'vector'")
    await pretend('0.7.4')
    expect(await refusal(migrateDatabase(database.url))).toContain(
      'pgvector 0.7.4 is installed in this database, 0.8.0 is needed: run "alter extension vector update"',
    )
    await pretend(rows[0]!.version)
    expect((await migrateDatabase(database.url)).applied.length).toBeGreaterThan(0)
    await client.end()
    await database.drop()
  })
})

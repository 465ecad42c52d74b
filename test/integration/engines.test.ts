import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { vector } from '@electric-sql/pglite-pgvector'
import pg from 'pg'
import { expect, test } from 'vitest'
import { describeEngines, type Engine } from '../engines.ts'

describeEngines('a test database', (engine) => {
  test('is empty and can store vectors', async () => {
    await using database = await engine.database()
    await using client = await open(engine, database.target)
    const { rows } = await client.query<{ tables: number; distance: number }>(
      `select (select count(*)::int from information_schema.tables where table_schema = 'public') as tables, '[1,2]'::vector <-> '[1,4]' as distance`,
    )
    expect(rows).toEqual([{ tables: 0, distance: 2 }])
  })

  test('is not shared between tests', async () => {
    await using first = await engine.database()
    await using second = await engine.database()
    await using client = await open(engine, first.target)
    await using other = await open(engine, second.target)
    await client.query('create table only_here (id int)')
    await expect(other.query('select from only_here')).rejects.toMatchObject({ code: '42P01' })
  })
})

interface OpenClient extends AsyncDisposable {
  query<R extends pg.QueryResultRow>(text: string): Promise<pg.QueryResult<R>>
}

async function open(engine: Engine, target: string): Promise<OpenClient> {
  const pglite = engine.name === 'embedded' ? new PGlite({ extensions: { vector } }) : undefined
  // A client, not the pool: the adapter does not survive that the pool replaces its only client, as it does after a failed query of its own.
  const client = new pg.Client(pglite ? createPgConfig(pglite) : { connectionString: target })
  await client.connect()
  await client.query('create extension if not exists vector')
  return {
    query: (text) => client.query(text),
    async [Symbol.asyncDispose]() {
      await client.end()
      await pglite?.close()
    },
  }
}

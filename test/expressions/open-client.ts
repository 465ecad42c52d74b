import { readFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { vector } from '@electric-sql/pglite-pgvector'
import { typeParsers } from '@vivant/storage'
import pg from 'pg'
import type { Engine } from '../engines.ts'

export interface ArrayClient extends AsyncDisposable {
  /** Rows as arrays, with Vivant's type parsers. */
  query(text: string, values?: readonly unknown[]): Promise<readonly (readonly unknown[])[]>
}

/** A new database with pgvector and the SQL functions of expressions, and nothing else: this is about values, not tables. */
export async function openClient(engine: Engine): Promise<ArrayClient> {
  const { target } = await engine.database()
  const pglite = engine.name === 'embedded' ? await PGlite.create({ extensions: { vector } }) : undefined
  const client = new pg.Client(pglite ? createPgConfig(pglite) : { connectionString: target })
  await client.connect()
  await client.query('create extension if not exists vector')
  await client.query('create schema if not exists vivant')
  await client.query(await readFile(new URL('../../migrations/idempotent/0002_expressions.sql', import.meta.url), 'utf8'))
  return {
    query: async (text, values) => (await client.query({ text, values: values as unknown[], rowMode: 'array', types: typeParsers })).rows as unknown[][],
    async [Symbol.asyncDispose]() {
      await client.end()
      await pglite?.close()
    },
  }
}

import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { typeParsers } from '../value/type-parsers.ts'

/** The pool as Kysely's dialect wants it, with Vivant's type parsers on every query, also on a pool of the user's own. */
export function kyselyPool(pool: Pool): PostgresPool {
  return {
    connect: async () => kyselyClient(await pool.connect()),
    end: async () => {},
    options: pool.options
  }
}

export function kyselyClient(client: PoolClient): PostgresPoolClient {
  return {
    query: (text: unknown, parameters?: readonly unknown[]) =>
      client.query((typeof text === 'string' ? { text, values: parameters as unknown[], types: typeParsers } : text) as never) as never,
    release: () => client.release()
  } as PostgresPoolClient
}

import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { connectClient } from './connect-client.ts'
import { typeParsers } from '../value/type-parsers.ts'

/** The pool as Kysely's dialect wants it, with Vivant's type parsers on every query, also on a pool of the user's own. */
export function kyselyPool(pool: Pool, checkUsable: () => void): PostgresPool {
  return {
    connect: async () => {
      checkUsable()
      const client = await connectClient(pool)
      return kyselyClient(client, () => client.release())
    },
    end: async () => {},
    options: pool.options,
  }
}

export function kyselyClient(client: Pick<PoolClient, 'query'>, release: () => void): PostgresPoolClient {
  const driver = client as { query(config: unknown): Promise<unknown> }
  const query = (text: unknown, parameters?: readonly unknown[]): Promise<unknown> =>
    driver.query(typeof text === 'string' ? { text, values: parameters, types: typeParsers } : text)
  return { query: query as PostgresPoolClient['query'], release }
}

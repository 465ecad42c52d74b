import type { Pool, PoolClient } from 'pg'

const watched = new WeakSet<PoolClient>()

/** A client whose connection may break while it is in use: the query under way fails, the process goes on, the pool replaces it. */
export async function connectClient(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect()
  if (!watched.has(client)) {
    watched.add(client)
    client.on('error', () => {})
  }
  return client
}

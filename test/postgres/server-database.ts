import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { templateDatabase } from './template-database.ts'

export interface ServerDatabase {
  readonly url: string
  /** Fails when connections to it are still open: something was not closed. */
  drop(): Promise<void>
}

export async function createServerDatabase(serverUrl: string): Promise<ServerDatabase> {
  const name = `vivant_test_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, (server) => server.query(`create database ${name} template ${templateDatabase}`))
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () =>
      onServer(serverUrl, async (server) => {
        const open = await connectionsAfterGrace(server, name)
        await server.query(`drop database ${name} with (force)`)
        if (open.length > 0) throw new Error(`${open.length} connections were left open; their last queries: ${open.join('; ')}`)
      }),
  }
}

async function onServer<T>(serverUrl: string, use: (server: pg.Client) => Promise<T>): Promise<T> {
  const server = new pg.Client({ connectionString: serverUrl })
  await server.connect()
  try {
    return await use(server)
  } finally {
    await server.end()
  }
}

/** A session ends on the server a moment after its client has closed it. */
async function connectionsAfterGrace(server: pg.Client, database: string): Promise<readonly string[]> {
  const deadline = Date.now() + 2000
  for (;;) {
    const { rows } = await server.query<{ query: string }>(`select query from pg_stat_activity where datname = $1 and backend_type = 'client backend'`, [
      database,
    ])
    if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => row.query)
    await setTimeout(20)
  }
}

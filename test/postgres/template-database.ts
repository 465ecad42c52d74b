import pg from 'pg'

/** What the databases of tests are copies of: the extensions are in it, so that making one takes milliseconds. */
export const templateDatabase = 'vivant_test_template'

/** Makes the template unless the server has it from an earlier run. */
export async function makeTemplate(serverUrl: string): Promise<void> {
  const server = new pg.Client({ connectionString: serverUrl })
  await server.connect()
  try {
    // Two runs may share a server: a lock of the session, as `create database` cannot be in a transaction.
    await server.query(`select pg_advisory_lock(hashtext($1))`, [templateDatabase])
    const { rowCount } = await server.query('select from pg_database where datname = $1', [templateDatabase])
    if (rowCount) return
    await server.query(`create database ${templateDatabase}`)
    await createExtensions(serverUrl)
  } finally {
    await server.end()
  }
}

async function createExtensions(serverUrl: string): Promise<void> {
  const url = new URL(serverUrl)
  url.pathname = `/${templateDatabase}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query('create extension vector')
  } finally {
    await client.end()
  }
}

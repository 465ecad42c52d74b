import { VivantError } from '@vivant/core'
import { type Database, quoteName } from '@vivant/storage'

const liveKey = 'live_schema'
const defaultLive = 'live'

/**
 * Makes the schema of the tables and that of the live views, unless they are there; gives the name of the latter. The first connection to a
 * database decides it (`live`, null for whatever it is): CONFIGURATION_INVALID for another one.
 */
export async function prepareSchemas(database: Database, schema: string, live: string | null): Promise<string> {
  const { rows } = await database.query<{ live: string | null; ready: boolean }>({
    text: `select s.value as live, to_regnamespace(quote_ident(s.value)) is not null and to_regnamespace(quote_ident($2)) is not null as ready
from (values (1)) one left join vivant.setting s on s.key = $1`,
    values: [liveKey, schema],
  })
  const standing = rows[0]?.live ?? null
  if (live !== null && standing !== null && live !== standing) {
    throw new VivantError('CONFIGURATION_INVALID', `the live views of this database are in the schema "${standing}", not "${live}"`, {
      details: { live: standing },
    })
  }
  const chosen = standing ?? live ?? defaultLive
  if (!rows[0]?.ready) await createSchemas(database, schema, chosen)
  return chosen
}

async function createSchemas(database: Database, schema: string, live: string): Promise<void> {
  await database.transaction(async (tx) => {
    // two at once would both find it missing
    await tx.query('select pg_advisory_xact_lock(7663, 3)')
    await tx.query(`create schema if not exists ${quoteName(schema)}`)
    await tx.query(`create schema if not exists ${quoteName(live)}`)
    await tx.query(`grant usage on schema ${quoteName(live)} to public`)
    await tx.query({ text: 'insert into vivant.setting (key, value) values ($1, $2) on conflict (key) do nothing', values: [liveKey, live] })
  })
}

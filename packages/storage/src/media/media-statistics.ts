import type { SqlClient } from '../connection/sql-client.ts'
import type { MediaAmount } from './collect-media.ts'

export interface MediaStatistics extends MediaAmount {
  /** By MIME type, the most bytes first. */
  readonly types: readonly (MediaAmount & { readonly mimeType: string })[]
  /** Nothing referred to them when garbage was last collected; they go when their grace period is over. */
  readonly condemned: MediaAmount
}

/** What `vivant.media` knows of. */
export async function readMediaStatistics(client: SqlClient): Promise<MediaStatistics> {
  const { rows } = await client.query<{ mimeType: string; isCondemned: boolean; count: string; bytes: string }>(
    `select mime_type as "mimeType", condemned_at is not null as "isCondemned", count(*) as count, sum(size_bytes) as bytes
from vivant.media group by 1, 2 order by sum(size_bytes) desc, 1`,
  )
  const amounts = rows.map((row) => ({ ...row, count: Number(row.count), bytes: Number(row.bytes) }))
  const mimeTypes = [...new Set(amounts.map((row) => row.mimeType))]
  return {
    ...sum(amounts),
    types: mimeTypes.map((mimeType) => ({ mimeType, ...sum(amounts.filter((row) => row.mimeType === mimeType)) })),
    condemned: sum(amounts.filter((row) => row.isCondemned)),
  }
}

/** Of up to ten media that are in use, the keys: whether a store has one of them tells whether it is the right one. */
export async function sampleMedia(client: SqlClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ key: string }>(
    `select sha256 || '.' || extension as key from vivant.media where condemned_at is null order by stored_at desc limit 10`,
  )
  return rows.map((row) => row.key)
}

/** The name of this database, made when it is first asked for; a copy of the database has the same. */
export async function databaseName(client: SqlClient): Promise<string> {
  const { rows } = await client.query<{ value: string }>(
    `with made as (insert into vivant.setting (key, value) values ('database', gen_random_uuid()::text) on conflict (key) do nothing returning value)
select value from made union all select value from vivant.setting where key = 'database'`,
  )
  // another process may have made it at this moment
  return rows[0]?.value ?? databaseName(client)
}

function sum(amounts: readonly MediaAmount[]): MediaAmount {
  return { count: amounts.reduce((total, { count }) => total + count, 0), bytes: amounts.reduce((total, { bytes }) => total + bytes, 0) }
}

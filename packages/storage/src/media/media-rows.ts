import type { MediaMetadata } from '@vivant/core'
import type { SqlClient } from '../connection/sql-client.ts'

/**
 * Writes what is known of stored content, once: the row of a hash never changes. False when it stood there, and was not condemned: then the bytes
 * are safe. True: whoever collects garbage may have taken them a moment ago (see ARCHITECTURE.md, "Garbage"), so the caller looks for them again.
 */
export async function recordMedia(client: SqlClient, media: MediaMetadata): Promise<boolean> {
  const { rows } = await client.query({
    name: 'vivant_record_media',
    // an upsert would lock a row that stands, and who takes in the same medium would wait for a user's transaction
    text: `with made as (insert into vivant.media (sha256, extension, mime_type, size_bytes, width, height, duration_seconds, page_count, details)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (sha256) do nothing returning sha256),
recalled as (update vivant.media set condemned_at = null, condemned_xid = null where sha256 = $1 and condemned_at is not null returning sha256)
select sha256 from made union all select sha256 from recalled`,
    values: [
      media.sha256,
      media.extension,
      media.mimeType,
      media.sizeBytes,
      media.width,
      media.height,
      media.durationSeconds,
      media.pageCount,
      JSON.stringify(media.details),
    ],
  })
  return rows.length > 0
}

const columns = `sha256, extension, mime_type as "mimeType", size_bytes as "sizeBytes", width, height, duration_seconds as "durationSeconds", page_count as "pageCount", details`

/** Rows by hash; unknown ones are left out. */
export async function readMedia(client: SqlClient, hashes: readonly string[]): Promise<readonly MediaMetadata[]> {
  if (!hashes.length) return []
  const { rows } = await client.query<MediaMetadata>({
    name: 'vivant_read_media',
    text: `select ${columns} from vivant.media where sha256 = any($1::text[])`,
    values: [hashes],
  })
  return rows
}

/** The row of a medium that somebody refers to again: it is not condemned from here on. */
export async function recallMedia(client: SqlClient, hash: string): Promise<MediaMetadata | null> {
  const { rows } = await client.query<MediaMetadata>({
    name: 'vivant_recall_media',
    text: `with recalled as (update vivant.media set condemned_at = null, condemned_xid = null where sha256 = $1 and condemned_at is not null)
select ${columns} from vivant.media where sha256 = $1`,
    values: [hash],
  })
  return rows[0] ?? null
}

import type { MediaMetadata } from '@vivant/core'
import type { SqlClient } from '../connection/sql-client.ts'

/** Writes what is known of stored content, once: the row of a hash never changes. */
export async function recordMedia(client: SqlClient, media: MediaMetadata): Promise<void> {
  await client.query({
    name: 'vivant_record_media',
    text: `insert into vivant.media (sha256, extension, mime_type, size_bytes, width, height, duration_seconds, page_count, details)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (sha256) do nothing`,
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
}

/** Rows by hash; unknown ones are left out. */
export async function readMedia(client: SqlClient, hashes: readonly string[]): Promise<readonly MediaMetadata[]> {
  if (!hashes.length) return []
  const { rows } = await client.query<MediaMetadata>({
    name: 'vivant_read_media',
    text: `select sha256, extension, mime_type as "mimeType", size_bytes as "sizeBytes", width, height, duration_seconds as "durationSeconds", page_count as "pageCount", details
from vivant.media where sha256 = any($1::text[])`,
    values: [hashes],
  })
  return rows
}

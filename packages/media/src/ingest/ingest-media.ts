import { isMedia, isVivantError, type Media, type MediaInput, type MediaKind } from '@vivant/core'
import { isStoreReference } from '../reference/media-key.ts'
import type { S3Connection } from '../store/s3/s3-connection.ts'
import { findStored, type FindStoredOptions } from './find-stored.ts'
import { openInput } from './open-input.ts'
import { storeContent, type StoredMediaMetadata } from './store-content.ts'

export interface IngestOptions extends FindStoredOptions {
  /** For http(s) URLs; the global one if left out. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** For s3:// URLs. */
  readonly s3?: S3Connection | undefined
}

/**
 * Takes a medium in with the caller's own rights: reads it, checks it as a whole and puts it into the store. What is
 * in the store already, a `vivant://` reference or a handle that was read from a table, is looked up instead.
 *
 * Up to 16 MB of it are held in memory; more goes through a temporary file.
 *
 * @throws MEDIA_INVALID empty, broken or of another kind: with the reason
 * @throws MEDIA_NOT_FOUND no such file, URL or stored medium
 * @throws MEDIA_TOO_LARGE more than `maxBytes`
 * @throws MEDIA_UNREACHABLE the server or the line failed: may be tried again
 * @throws MEDIA_NOT_ALLOWED the file or the server refuses it
 * @example const { reference, width } = await ingestMedia('./cat.jpg', 'image', { store, maxBytes: 100_000_000 })
 */
export async function ingestMedia(input: MediaInput, kind: MediaKind, options: IngestOptions): Promise<StoredMediaMetadata> {
  if (isMedia(input)) return ingestHandle(input, kind, options)
  const text = typeof input === 'string' ? input : input instanceof URL ? input.href : null
  if (text !== null && isStoreReference(text)) return findStored(text, kind, options)
  await using opened = await openInput(input, options)
  return await storeContent(opened.content, kind, { ...options, ...opened.hint })
}

async function ingestHandle(media: Media, kind: MediaKind, options: IngestOptions): Promise<StoredMediaMetadata> {
  if (isStoreReference(media.reference)) {
    const found = await findStored(media.reference, kind, options).catch(ignoreNotFound)
    if (found !== null) return found
  }
  // It is of another database's store, or a URL that was kept.
  return ingestMedia(await media.stream(), kind, options)
}

function ignoreNotFound(error: unknown): null {
  if (isVivantError(error, 'MEDIA_NOT_FOUND')) return null
  throw error
}

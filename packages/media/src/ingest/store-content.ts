import { isVivantError, type MediaKind, type MediaMetadata, type MediaStore, type StoredMedia, VivantError } from '@vivant/core'
import { chunksOf, type Content } from '../content/content.ts'
import { inspectContent, type InspectOptions } from '../inspect/inspect-media.ts'
import { formatStoreReference } from '../reference/media-key.ts'

/** A medium that is in the store, checked: what a media column is given (`reference`) and what `vivant.media` is told. */
export interface StoredMediaMetadata extends MediaMetadata {
  /** `vivant://<sha256>.<extension>` */
  readonly reference: string
}

/**
 * Writes a medium down when its bytes are in the store. True: it was not known, or nearly collected, so its bytes may have been taken away after
 * they were found there and before it was written down; from now on they are safe.
 */
export type RecordMedium = (medium: StoredMediaMetadata) => Promise<boolean>

export interface StoreContentOptions extends InspectOptions {
  readonly store: MediaStore
  readonly maxBytes: number
  readonly record?: RecordMedium | undefined
}

/** Checks a medium and puts it into the store, unless it is there. Nothing that failed the check is ever stored. */
export async function storeContent(content: Content, kind: MediaKind, options: StoreContentOptions): Promise<StoredMediaMetadata> {
  const metadata = await inspectContent(content, kind, options)
  const { extension, mimeType, sha256 } = metadata
  const { store, maxBytes, signal } = options
  const put = (): Promise<StoredMedia> =>
    store.put(chunksOf(content), { extension, mimeType, maxBytes, sha256, ...(signal === undefined ? {} : { signal }) }).catch((error: unknown) => {
      // The store does not know what the medium is called.
      const { name } = options
      if (name === undefined || !isVivantError(error, 'MEDIA_INVALID')) throw error
      throw new VivantError('MEDIA_INVALID', error.message.replace(/^The medium/u, name), { cause: error, details: { kind, name } })
    })
  const { key } = await put()
  const medium = { ...metadata, reference: formatStoreReference(key) }
  if ((await options.record?.(medium)) && !(await store.has(key))) await put()
  return medium
}

import { type MediaKind, type MediaMetadata, type MediaStore, VivantError } from '@vivant/core'
import { collectContent } from '../content/collect-content.ts'
import { type InspectOptions, inspectContent } from '../inspect/inspect-media.ts'
import { acceptedTypes, acceptsMimeType } from '../inspect/media-type.ts'
import { keyOfReference } from '../reference/media-key.ts'
import type { RecordMedium, StoredMediaMetadata } from './store-content.ts'

export interface FindStoredOptions extends InspectOptions {
  readonly store: MediaStore
  readonly maxBytes: number
  /** What is known of a key already (`vivant.media`), so that its bytes need not be read again. */
  readonly known?: ((key: string) => Promise<MediaMetadata | null>) | undefined
  readonly record?: RecordMedium | undefined
}

/**
 * A medium that a `vivant://` reference names: it must be in the store and fit the kind.
 *
 * @throws MEDIA_NOT_FOUND, MEDIA_INVALID
 */
export async function findStored(reference: string, kind: MediaKind, options: FindStoredOptions): Promise<StoredMediaMetadata> {
  const found = await look(reference, kind, options)
  const key = keyOfReference(reference)
  if ((await options.record?.(found)) && !(await options.store.has(key))) {
    throw new VivantError('MEDIA_NOT_FOUND', `${reference} was collected as garbage a moment ago: insert its bytes.`, { details: { reference } })
  }
  return found
}

async function look(reference: string, kind: MediaKind, options: FindStoredOptions): Promise<StoredMediaMetadata> {
  const key = keyOfReference(reference)
  const known = await options.known?.(key)
  if (known != null && (await options.store.has(key))) {
    // Whoever stored it may have declared it less strictly, as `file` for example.
    if (acceptsMimeType(kind, known.mimeType) && (kind !== 'image' || known.width !== null)) return { ...known, reference }
    if (!acceptsMimeType(kind, known.mimeType)) throw wrongKind(reference, kind, known.mimeType)
  }
  const source = await options.store.get(key, options.signal === undefined ? {} : { signal: options.signal })
  await using content = await collectContent(source, { maxBytes: options.maxBytes, signal: options.signal, name: reference })
  const metadata = await inspectContent(content, kind, { ...options, name: reference })
  if (!key.startsWith(metadata.sha256)) {
    throw new VivantError('MEDIA_INVALID', `${reference}: the store holds other bytes under this key (SHA-256 ${metadata.sha256}).`, { details: { reference } })
  }
  return { ...metadata, extension: key.slice(metadata.sha256.length + 1), reference }
}

function wrongKind(reference: string, kind: MediaKind, mimeType: string): VivantError {
  const message = `${reference} cannot be stored as ${kind}: its content is ${mimeType}; ${acceptedTypes[kind]} was expected.`
  return new VivantError('MEDIA_INVALID', message, { details: { kind, reference } })
}

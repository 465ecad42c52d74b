import { MediaReference, VivantError } from '@vivant/core'
import { parseBucketReference } from '../resolve/read-bucket.ts'
import { parseFrameReference } from '../video/frame-reference.ts'
import { isStoreReference, keyOfReference } from './media-key.ts'

/**
 * Stores a URL instead of what it points to: nothing is fetched at insert. A worker fetches it when a column needs it,
 * so only public `https://` hosts, and `file://` paths and `s3://` objects under the configured roots will do; see `resolveReference`.
 *
 * @example await pictures.insert([{ image: reference('https://example.org/cat.jpg') }])
 * @throws MEDIA_INVALID when it is not an `https:`, `file:`, `s3:` or `vivant:` URL.
 */
export function reference(url: string | URL): MediaReference {
  const text = String(url)
  if (isStoreReference(text)) {
    if (!parseFrameReference(text)) keyOfReference(text)
    return new MediaReference(text)
  }
  const protocol = URL.canParse(text) ? new URL(text).protocol : null
  if (protocol === 'https:' || protocol === 'file:') return new MediaReference(text)
  if (protocol === 's3:') {
    parseBucketReference(text)
    return new MediaReference(text)
  }
  throw new VivantError(
    'MEDIA_INVALID',
    `reference(${JSON.stringify(text)}): an https://, file://, s3:// or vivant:// URL is needed. Insert the path or the bytes themselves to have them stored.`,
  )
}

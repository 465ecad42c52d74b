import { createHash } from 'node:crypto'
import { VivantError } from '@vivant/core'

/** What a store gave under a key, as a web stream that fails instead of ending when the bytes are not those of the key. */
export function verifiedStream(source: AsyncIterable<Uint8Array>, expected: { readonly key: string; readonly sha256: string }): ReadableStream<Uint8Array> {
  return ReadableStream.from(verified(source, expected))
}

export async function* verified(
  source: AsyncIterable<Uint8Array>,
  { key, sha256 }: { readonly key: string; readonly sha256: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  for await (const chunk of source) {
    hash.update(chunk)
    yield chunk
  }
  const found = hash.digest('hex')
  if (found === sha256) return
  throw new VivantError('MEDIA_INVALID', `The media store holds other bytes under ${key} (SHA-256 ${found}): the object was damaged or replaced.`, {
    details: { key, sha256: found },
  })
}

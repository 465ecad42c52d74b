import { isMedia, type MediaInput } from '@vivant/core'
import { readRange } from '../content/read-range.ts'
import { openInput } from '../ingest/open-input.ts'

const maxBytes = 1_000_000_000

/** A function in a column is given a handle; one that is called by itself may be given a path, a URL, bytes, a stream or a Blob as well. */
export async function bytesOfImage(picture: MediaInput, signal: AbortSignal): Promise<Uint8Array> {
  if (isMedia(picture)) return picture.bytes()
  if (picture instanceof Uint8Array) return picture
  await using opened = await openInput(picture, { maxBytes, signal })
  return await readRange(opened.content, 0, opened.content.sizeBytes)
}

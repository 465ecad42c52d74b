import { type DataType, replaceMedia } from '@vivant/core'
import type { MediaBorder } from './media-border.ts'

/** The value as a function gets it: handles in the place of references. */
export function toHandles(type: DataType, value: unknown, media: MediaBorder): unknown {
  return replaceMedia(type, value, (reference, kind) => media.handle(reference as string, kind))
}

/** What a function returned, with bytes, streams and handles taken in and replaced by their references. */
export async function takeIn(type: DataType, value: unknown, media: MediaBorder, signal: AbortSignal): Promise<unknown> {
  const found: Promise<string>[] = []
  replaceMedia(type, value, (medium, kind) => found.push(media.ingest(medium, kind, signal)))
  const references = await Promise.all(found)
  let next = 0
  return replaceMedia(type, value, () => references[next++])
}

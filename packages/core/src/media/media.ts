import type { MediaUrlOptions } from './media-store.ts'
import type { MediaReference } from './media-reference.ts'
import type { MediaKind } from '../value/data-type.ts'

/** A handle on stored bytes: what a media cell gives. Nothing is read before it is asked for. */
export interface Media<K extends MediaKind = MediaKind> {
  readonly kind: K
  /** As stored: `vivant://<sha256>.<extension>`, or a URL that was kept as it is. */
  readonly reference: string
  readonly bytes: () => Promise<Uint8Array>
  readonly stream: () => Promise<ReadableStream<Uint8Array>>
  /** Writes the bytes to a file. */
  readonly save: (path: string) => Promise<void>
  /** Where a browser or another program finds it: `file://…` of a folder store, a signed URL of S3 (default: good for an hour). */
  readonly url: (options?: MediaUrlOptions) => Promise<string>
  readonly metadata: () => Promise<MediaMetadata>
}
export interface Image extends Media<'image'> {
  /** As it is seen, in sRGB: rows from top to bottom, three bytes each, red, green and blue; over white where it is transparent. */
  readonly pixels: () => Promise<Pixels>
}
/** A decoded picture. */
export interface Pixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}
export interface Video extends Media<'video'> {}
export interface Audio extends Media<'audio'> {}
export interface Document extends Media<'document'> {}
export interface File extends Media<'file'> {}

/** What is known of the content; a row of `vivant.media`, keyed by the hash, never changed. */
export interface MediaMetadata {
  readonly sha256: string
  readonly extension: string
  readonly mimeType: string
  readonly sizeBytes: number
  readonly width: number | null
  readonly height: number | null
  readonly durationSeconds: number | null
  readonly pageCount: number | null
  /** What else the format says: EXIF orientation, colour space, codec. */
  readonly details: Readonly<Record<string, unknown>>
}

/** What may be written into a media column: a path, a URL, bytes, a stream (also Node's), a Blob, a handle that was read, or `reference(url)`. */
export type MediaInput = string | URL | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Media | MediaReference

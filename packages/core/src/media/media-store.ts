/**
 * Where media bytes lie, by content: a key is `<sha256>.<extension>`, an object is written once and never changes.
 * A folder and an S3 bucket implement it; `describeMediaStore` is the suite that both pass.
 *
 * What is wrong with the store itself is never an error of the medium: STORE_UNAVAILABLE (it is full, slow, down: may be tried
 * again) or STORE_REFUSED (wrong keys, no bucket, no rights).
 */
export interface MediaStore {
  /** Stores a stream under its hash. The key is known only at the end; writing what is there already is harmless. */
  put(content: AsyncIterable<Uint8Array>, options: MediaPutOptions): Promise<StoredMedia>
  /** Throws MEDIA_NOT_FOUND. */
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>
  has(key: string): Promise<boolean>
  /** A path on this machine with the bytes, for programs that need a file; valid until `dispose`. */
  localFile(key: string): Promise<{ readonly path: string } & AsyncDisposable>
  /** Where a browser or another program finds it. */
  url(key: string, options?: MediaUrlOptions): Promise<string>
  delete(key: string): Promise<void>
  list(): AsyncIterable<{ readonly key: string; readonly sizeBytes: number; readonly storedAt: Date }>
  /** Notes that a database keeps media here, and gives the names of all that ever did: who collects garbage must be alone. */
  claim?(database: string): Promise<readonly string[]>
}

export interface MediaUrlOptions {
  /** How long a signed URL is good for (default 3600, at most 604,800: a week). A URL that is not signed does not end. */
  readonly expiresInSeconds?: number
}

export interface MediaPutOptions {
  /** Decided from the first bytes and checked by the caller. */
  readonly extension: string
  readonly mimeType: string
  /** Refuse more than this: MEDIA_TOO_LARGE. */
  readonly maxBytes: number
  /** The hash, if it is known: a store elsewhere can then begin before the end. Other content is refused: MEDIA_INVALID. */
  readonly sha256?: string
  readonly signal?: AbortSignal
}

export interface StoredMedia {
  readonly key: string
  readonly sha256: string
  readonly sizeBytes: number
}

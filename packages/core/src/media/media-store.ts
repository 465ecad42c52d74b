/**
 * Where media bytes lie, by content: a key is `<sha256>.<extension>`, an object is written once and never changes.
 * A folder implements it; S3 can (every call is one request, `put` is given a stream and the size if it is known).
 */
export interface MediaStore {
  /** Stores a stream under its hash. The key is known only at the end; writing what is there already is harmless. */
  put(content: AsyncIterable<Uint8Array>, options: MediaPutOptions): Promise<StoredMedia>
  /** Throws MEDIA_NOT_FOUND. */
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>
  has(key: string): Promise<boolean>
  /** A path on this machine with the bytes, for programs that need a file; valid until `dispose`. */
  localFile(key: string): Promise<{ readonly path: string } & AsyncDisposable>
  url(key: string): Promise<string>
  delete(key: string): Promise<void>
  list(): AsyncIterable<{ readonly key: string; readonly sizeBytes: number; readonly storedAt: Date }>
}

export interface MediaPutOptions {
  /** Decided from the first bytes and checked by the caller. */
  readonly extension: string
  readonly mimeType: string
  /** Refuse more than this: MEDIA_TOO_LARGE. */
  readonly maxBytes: number
  readonly signal?: AbortSignal
}

export interface StoredMedia {
  readonly key: string
  readonly sha256: string
  readonly sizeBytes: number
}

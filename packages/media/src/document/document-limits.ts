/** What a document may ask for. */
export interface DocumentLimits {
  /** Of the file. */
  readonly maxBytes: number
  /** Of everything in an archive (DOCX, EPUB, …), inflated. */
  readonly maxInflatedBytes: number
  /** Of files in an archive. */
  readonly maxEntries: number
  /** Of the text, in UTF-16 code units. A text cell takes 64 MiB. */
  readonly maxTextLength: number
  /** Of the process that reads it, all in all. */
  readonly maxMemoryBytes: number
  /** Milliseconds from one result to the next. */
  readonly stepMs: number
  /** Of a page's image. A larger one is drawn smaller. */
  readonly maxPagePixels: number
}

/** More is refused with an error that names the limit. */
export const documentLimits: DocumentLimits = Object.freeze({
  maxBytes: 256 * 1024 ** 2,
  maxInflatedBytes: 512 * 1024 ** 2,
  maxEntries: 20_000,
  maxTextLength: 64 * 1024 ** 2,
  maxMemoryBytes: 1024 ** 3,
  stepMs: 120_000,
  maxPagePixels: 25_000_000,
})

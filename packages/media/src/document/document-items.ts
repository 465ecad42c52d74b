/** A part of a document: `text` is `(the document's text).slice(start, end)`. */
export interface DocumentChunk {
  readonly text: string
  readonly start: number
  readonly end: number
  /** From 1, where the part begins: of a page, slide, sheet or chapter. Null: the format has none. */
  readonly page: number | null
  /** The headings that its beginning stands under, the outermost first. */
  readonly headings: readonly string[]
}

/** A page, slide, sheet or chapter; all of a document whose format has none. */
export interface DocumentPage {
  /** From 1. */
  readonly page: number
  readonly text: string
  readonly start: number
  readonly end: number
}

import type { Heading } from '../text/headings.ts'
import type { Range } from '../text/divide.ts'

export type DocumentFormat = 'pdf' | 'docx' | 'pptx' | 'xlsx' | 'xls' | 'odt' | 'odp' | 'ods' | 'epub' | 'html' | 'markdown' | 'csv' | 'text'

/** A document as text: what every reader gives. */
export interface DocumentContent {
  readonly format: DocumentFormat
  /** What the document says of itself. */
  readonly title: string | null
  readonly author: string | null
  readonly text: string
  readonly headings: readonly Heading[]
  /** In order, without the empty lines between them. Null: the format has none. */
  readonly pages: readonly Range[] | null
}

import type { ChunkDivision } from '../chunk-options.ts'
import type { DocumentContent } from '../document-content.ts'
import type { DocumentChunk, DocumentPage } from '../document-items.ts'
import type { ParsedPageImageOptions } from '../page-image-options.ts'
import type { PageImage } from '../parse/pdf/page-images.ts'
import type { SpreadsheetRow } from '../spreadsheet-row.ts'

/** What is to be read of a document. */
export type DocumentTask =
  | { readonly task: 'content' }
  | { readonly task: 'chunks'; readonly division: ChunkDivision }
  | { readonly task: 'pages' }
  | { readonly task: 'rows'; readonly header: boolean }
  | { readonly task: 'pageImages'; readonly page: number | null; readonly options: ParsedPageImageOptions }

export interface DocumentJob {
  readonly mimeType: string
  readonly bytes: Uint8Array
  readonly task: DocumentTask
}

/** What each task gives. */
export interface DocumentItems {
  readonly content: DocumentContent
  readonly chunks: DocumentChunk
  readonly pages: DocumentPage
  readonly rows: SpreadsheetRow
  readonly pageImages: PageImage
}

/** To the process: a new job, the next items of it, or an end to it. */
export type DocumentRequest = { readonly type: 'open'; readonly job: DocumentJob } | { readonly type: 'next' } | { readonly type: 'close' }

/** From it, once for each `next`. */
export type DocumentReply =
  | { readonly type: 'items'; readonly items: readonly unknown[]; readonly done: boolean }
  | { readonly type: 'failed'; readonly reason: string }

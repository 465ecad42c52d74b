import {
  type Column,
  type DocumentType,
  type ImageType,
  type JsonType,
  type MediaInput,
  type NumberType,
  type RecordType,
  t,
  type TextType,
  type Udf,
  udf,
  VivantError,
} from '@vivant/core'
import type { DocumentFormat } from './document-content.ts'
import { type PageImageOptions, parsePageImageOptions } from './page-image-options.ts'
import type { DocumentItems, DocumentTask } from './process/document-job.ts'
import { maxProcesses } from './process/process-pool.ts'
import { readDocument } from './read-document.ts'

/** As many as there are processes that read: none waits with its time running. */
const concurrency = maxProcesses

const text: Udf<readonly [Column<DocumentType>], Column<TextType>, Promise<string>> = udf(
  { name: 'document.text', input: [t.document()], output: t.text(), version: 'text 1', concurrency },
  async (document, { signal }) => (await first(document, { task: 'content' }, signal)).text,
)

/** What a document says of itself. */
export interface DocumentMetadata {
  readonly format: DocumentFormat
  readonly title: string | null
  readonly author: string | null
  /** Pages, slides, sheets or chapters; null: the format has none. */
  readonly pages: number | null
  /** Of the text, in UTF-16 code units. 0 for a scanned PDF. */
  readonly length: number
}

export type DocumentMetadataType = RecordType<{
  readonly format: Column<TextType>
  readonly title: Column<TextType, 'nullable'>
  readonly author: Column<TextType, 'nullable'>
  readonly pages: Column<NumberType, 'nullable'>
  readonly length: Column<NumberType>
}>

const metadata: Udf<readonly [Column<DocumentType>], Column<DocumentMetadataType>, Promise<DocumentMetadata>> = udf(
  {
    name: 'document.metadata',
    input: [t.document()],
    output: { format: t.text(), title: t.text().nullable(), author: t.text().nullable(), pages: t.int().nullable(), length: t.int() },
    version: 'metadata 1',
    concurrency,
  },
  async (document, { signal }) => {
    const { format, title, author, pages, text: whole } = await first(document, { task: 'content' }, signal)
    return { format, title, author, pages: pages && pages.length, length: whole.length }
  },
)

/** Which page is drawn, and how. */
export interface OnePageImageOptions extends PageImageOptions {
  /** From 1, which is the default. */
  readonly page?: number
}

const pageImage: Udf<readonly [Column<DocumentType>, Column<JsonType<OnePageImageOptions>, 'default'>], Column<ImageType>, Promise<Uint8Array>> = udf(
  {
    name: 'document.page_image',
    input: [t.document(), t.json<OnePageImageOptions>().default({})],
    output: t.image(),
    version: 'page image 1',
    concurrency,
  },
  async (document, { page = 1, ...options }, { signal }) => {
    if (!(Number.isSafeInteger(page) && page >= 1)) throw new VivantError('VALUE_INVALID', `page is a whole number from 1, not ${page}`)
    return (await first(document, { task: 'pageImages', page, options: parsePageImageOptions(options) }, signal)).image
  },
)

async function first<T extends DocumentTask>(document: MediaInput, task: T, signal: AbortSignal): Promise<DocumentItems[T['task']]> {
  for await (const item of readDocument(document, task, signal)) return item
  throw new VivantError('MEDIA_INVALID', 'The document cannot be read: its reader gave nothing.')
}

/**
 * Functions over documents, for computed columns and queries. Called by themselves they take what a media column takes (a
 * path, bytes, …). PDF, DOCX, PPTX, XLSX, XLS, OpenDocument, EPUB, HTML, Markdown, CSV and texts are read, by their content.
 *
 * A document that is damaged, protected by a password, too large or of a kind that cannot be read is MEDIA_INVALID with the
 * reason, and is not tried again.
 *
 * ```ts
 * docs.addComputedColumn('text', (d) => document.text(d.file)).addComputedColumn('cover', (d) => document.pageImage(d.file, { width: 400 }))
 * ```
 */
export const document: {
  /** All of its text: blocks with an empty line between them, a line for each row of a table with tabs between its cells. */
  readonly text: typeof text
  /** A record: `.format`, `.title`, `.author`, `.pages`, `.length`. */
  readonly metadata: typeof metadata
  /** A page of a PDF as a picture: `{ page: 2, width: 800 }`. See `PageImageOptions`. */
  readonly pageImage: typeof pageImage
} = Object.freeze({ text, metadata, pageImage })

import { type Column, type DocumentType, type ImageType, iterator, type IteratorFunction, type JsonType, type NumberType, t, type TextType } from '@vivant/core'
import type { DocumentPage } from './document-items.ts'
import { type PageImageOptions, parsePageImageOptions } from './page-image-options.ts'
import type { PageImage } from './parse/pdf/page-images.ts'
import { maxProcesses } from './process/process-pool.ts'
import { readDocument } from './read-document.ts'

export type PagesIterator = IteratorFunction<
  readonly [Column<DocumentType>],
  { readonly page: Column<NumberType>; readonly text: Column<TextType>; readonly start: Column<NumberType>; readonly end: Column<NumberType> },
  AsyncGenerator<DocumentPage, void, undefined>
>

/**
 * The pages of a document with their text: of a PDF, the slides, sheets and chapters of others, all of what has none.
 *
 * @example db.createView('pages', { of: docs, iterate: (doc) => pages(doc.file) })
 */
export const pages: PagesIterator = iterator(
  {
    name: 'document.pages',
    version: '1',
    input: [t.document()],
    output: { page: t.int(), text: t.text(), start: t.int(), end: t.int() },
    concurrency: maxProcesses,
  },
  (document, { signal }) => readDocument(document, { task: 'pages' }, signal),
)

export type PageImagesIterator = IteratorFunction<
  readonly [Column<DocumentType>, Column<JsonType<PageImageOptions>, 'default'>],
  { readonly page: Column<NumberType>; readonly image: Column<ImageType> },
  AsyncGenerator<PageImage, void, undefined>
>

/**
 * The pages of a PDF as pictures, drawn one at a time: 150 dots per inch unless `width` or `dpi` say otherwise, never more than 25 million pixels.
 *
 * @example db.createView('scans', { of: docs, iterate: (doc) => pageImages(doc.file, { width: 1000 }) })
 */
// Called by itself it gives bytes, which is less than whatever an image column takes.
export const pageImages: PageImagesIterator = iterator(
  {
    name: 'document.page_images',
    version: '1',
    input: [t.document(), t.json<PageImageOptions>().default({})],
    output: { page: t.int(), image: t.image() },
    concurrency: maxProcesses,
  },
  (document, options, { signal }) => readDocument(document, { task: 'pageImages', page: null, options: parsePageImageOptions(options) }, signal),
) as PageImagesIterator

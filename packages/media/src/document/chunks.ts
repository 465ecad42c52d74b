import { type ArrayType, type Column, type DocumentType, iterator, type IteratorFunction, type JsonType, type NumberType, t, type TextType } from '@vivant/core'
import { type ChunkOptions, parseChunkOptions } from './chunk-options.ts'
import type { DocumentChunk } from './document-items.ts'
import { maxProcesses } from './process/process-pool.ts'
import { readDocument } from './read-document.ts'

export type ChunksIterator = IteratorFunction<
  readonly [Column<DocumentType>, Column<JsonType<ChunkOptions>>],
  {
    readonly text: Column<TextType>
    readonly start: Column<NumberType>
    readonly end: Column<NumberType>
    readonly page: Column<NumberType, 'nullable'>
    readonly headings: Column<ArrayType<TextType>>
  },
  AsyncGenerator<DocumentChunk, void, undefined>
>

/**
 * The parts of a document: pages, paragraphs, sentences, lines, sections under headings, or as much as fits into a number of tokens.
 *
 * ```ts
 * const parts = await db.createView('parts', { of: docs, iterate: (doc) => chunks(doc.file, { by: 'tokens', limit: 400, overlap: 50 }) })
 * parts.addEmbeddingIndex('text', model)
 * ```
 *
 * `start` and `end` are places in `document.text(file)`, in UTF-16 code units: `text.slice(start, end)` is the chunk. `page` is the page, slide, sheet or
 * chapter where it begins, from 1 (null: DOCX, HTML and texts have none), `headings` those that its beginning stands under, the outermost first. The text is
 * divided as by `segments`.
 *
 * @throws CONFIGURATION_INVALID options that make no sense; MEDIA_INVALID, MEDIA_TOO_LARGE as `document` does
 */
export const chunks: ChunksIterator = iterator(
  {
    name: 'document.chunks',
    version: '1',
    input: [t.document(), t.json<ChunkOptions>()],
    output: { text: t.text(), start: t.int(), end: t.int(), page: t.int().nullable(), headings: t.array(t.text()) },
    concurrency: maxProcesses,
  },
  (document, options, { signal }) => readDocument(document, { task: 'chunks', division: parseChunkOptions(options) }, signal),
)

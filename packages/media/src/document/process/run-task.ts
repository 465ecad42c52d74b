import { sectionsAt, segmentsOf } from '../../text/segments-of.ts'
import type { Range } from '../../text/divide.ts'
import type { ChunkDivision } from '../chunk-options.ts'
import type { DocumentContent } from '../document-content.ts'
import type { DocumentChunk, DocumentPage } from '../document-items.ts'
import { DocumentProblem } from '../document-problem.ts'
import { formatOf } from '../document-type.ts'
import { parseDocument } from '../parse/parse-document.ts'
import type { DocumentJob } from './document-job.ts'

/** Does a job: its items, made when they are asked for. */
export async function* runTask({ bytes, mimeType, task }: DocumentJob): AsyncGenerator {
  switch (task.task) {
    case 'content':
      yield await parseDocument(bytes, mimeType)
      return
    case 'pages':
      yield* pagesOf(await parseDocument(bytes, mimeType))
      return
    case 'chunks':
      yield* chunksOf(await parseDocument(bytes, mimeType), task.division)
      return
    case 'rows':
      yield* (await import('../parse/table-rows.ts')).tableRows(bytes, formatOf(mimeType, bytes), task.header)
      return
    case 'pageImages': {
      const format = formatOf(mimeType, bytes)
      if (format !== 'pdf') throw new DocumentProblem(`only the pages of a PDF can be drawn, and it is ${format}`)
      yield* (await import('../parse/pdf/page-images.ts')).pageImages(bytes, task.page, task.options)
    }
  }
}

function* pagesOf({ text, pages }: DocumentContent): Generator<DocumentPage> {
  for (const [index, { start, end }] of (pages ?? [{ start: 0, end: text.length }]).entries())
    yield { page: index + 1, text: text.slice(start, end), start, end }
}

function* chunksOf({ text, headings, pages }: DocumentContent, { by, limit, overlap }: ChunkDivision): Generator<DocumentChunk> {
  const whole = [{ start: 0, end: text.length }]
  const sections = by === 'heading' ? sectionsAt(text, headings) : by === 'page' ? (pages ?? whole) : whole
  const pageAt = pages && pageNumbers(pages)
  // A page is divided as a section is: first at its paragraphs.
  for (const { start, end, ...segment } of segmentsOf(text, { by: by === 'page' ? 'heading' : by, limit, overlap }, { headings, sections }))
    yield { text: segment.text, start, end, page: pageAt ? pageAt(start) : null, headings: segment.headings }
}

/** Places are asked for in order, but for an overlap. */
function pageNumbers(pages: readonly Range[]): (offset: number) => number {
  let index = 0
  return (offset) => {
    while (index > 0 && offset < pages[index]!.start) index--
    while (index + 1 < pages.length && offset >= pages[index + 1]!.start) index++
    return index + 1
  }
}

import type { DocumentContent } from '../../document-content.ts'
import { documentLimits } from '../../document-limits.ts'
import { DocumentProblem } from '../../document-problem.ts'
import { TextBuilder } from '../text-builder.ts'
import { headingLevels } from './heading-levels.ts'
import { openPdf } from './open-pdf.ts'
import { type Paragraph, paragraphsOf } from './paragraphs.ts'
import { readingOrder } from './reading-order.ts'
import { readFragments } from './text-fragments.ts'

/** PDF: the text of each page in reading order, headings by the size of their letters. A scanned page has no text. */
export async function parsePdf(bytes: Uint8Array): Promise<DocumentContent> {
  await using opened = await openPdf(bytes)
  const { pdf } = opened
  const pages: (readonly Paragraph[])[] = []
  let length = 0
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number)
    const { upright, turned } = await readFragments(page)
    page.cleanup()
    const paragraphs = readingOrder(upright).flatMap(paragraphsOf)
    if (turned.length) paragraphs.push({ text: turned.join('\n'), size: 0, lines: turned.length })
    length += paragraphs.reduce((sum, paragraph) => sum + paragraph.text.length, 0)
    if (length > documentLimits.maxTextLength) throw new DocumentProblem(`its text has more than ${documentLimits.maxTextLength} characters`)
    pages.push(paragraphs)
  }
  const levelOf = headingLevels(pages.flat())
  const builder = new TextBuilder()
  for (const paragraphs of pages) {
    builder.page()
    for (const paragraph of paragraphs) {
      const level = levelOf(paragraph)
      if (level === null) builder.block(paragraph.text)
      else builder.heading(level, paragraph.text)
    }
  }
  const { info } = (await pdf.getMetadata().catch(() => ({ info: {} }))) as { readonly info: Readonly<Record<string, unknown>> }
  return { format: 'pdf', title: textOf(info['Title']), author: textOf(info['Author']), ...builder.finish() }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.trim().slice(0, 1000) || null : null
}

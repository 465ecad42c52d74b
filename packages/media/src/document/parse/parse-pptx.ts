import { openArchive, readRequired } from '../archive/open-archive.ts'
import type { DocumentContent } from '../document-content.ts'
import { readCoreProperties } from './core-properties.ts'
import { readXml } from './read-xml.ts'
import { readRelationships } from './relationships.ts'
import { TextBuilder } from './text-builder.ts'

/** Placeholders that hold no content of the slide. */
const furniture: ReadonlySet<string> = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg'])

/**
 * PowerPoint (ISO/IEC 29500-1, PresentationML): a page for each slide in the order in which they are shown, its title as
 * heading, then its shapes, tables with tabs between the cells, and the speaker's notes.
 */
export async function parsePptx(bytes: Uint8Array): Promise<DocumentContent> {
  using archive = await openArchive(bytes)
  const presentation = 'ppt/presentation.xml'
  const ids: string[] = []
  readXml(await readRequired(archive, presentation), {
    open: (name, attributes) => (name === 'p:sldId' && attributes['r:id'] !== undefined ? ids.push(attributes['r:id']) : undefined),
  })
  const parts = await readRelationships(archive, presentation)
  const builder = new TextBuilder()
  for (const id of ids) {
    const part = parts.get(id)
    if (!part) continue
    builder.page()
    readSlide(await readRequired(archive, part.target), builder)
    for (const { type, target } of (await readRelationships(archive, part.target)).values()) {
      const notes = type.endsWith('/notesSlide') ? await archive.read(target) : null
      if (notes) readSlide(notes, builder)
    }
  }
  return { format: 'pptx', ...(await readCoreProperties(archive)), ...builder.finish() }
}

function readSlide(xml: Uint8Array, builder: TextBuilder): void {
  let lines: string[] = []
  let line: string[] = []
  let placeholder: string | null = null
  let cells: string[] | null = null
  let rows: string[] = []
  let inText = false
  const flush = (): void => {
    const text = lines.join('\n')
    if (placeholder === 'title' || placeholder === 'ctrTitle') builder.heading(1, text)
    else if (placeholder === null || !furniture.has(placeholder)) builder.block(text)
    lines = []
  }
  readXml(xml, {
    open: (name, attributes) => {
      if (name === 'p:sp' || name === 'p:graphicFrame') placeholder = null
      else if (name === 'p:ph') placeholder = attributes['type'] ?? 'obj'
      else if (name === 'a:tr') cells = []
      else if (name === 'a:t') inText = true
      else if (name === 'a:br') line.push('\n')
    },
    text: (text) => (inText ? line.push(text) : undefined),
    close: (name) => {
      if (name === 'a:t') inText = false
      else if (name === 'a:p') {
        lines.push(line.join(''))
        line = []
      } else if (name === 'a:tc') {
        cells?.push(lines.join(' ').replaceAll(/\s+/gu, ' '))
        lines = []
      } else if (name === 'a:tr') {
        if (cells) rows.push(cells.join('\t'))
        cells = null
      } else if (name === 'a:tbl') {
        builder.block(rows.join('\n'))
        rows = []
      } else if (name === 'p:sp' || name === 'p:graphicFrame') flush()
    },
  })
  flush()
}

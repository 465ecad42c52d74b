import { openArchive, readRequired } from '../archive/open-archive.ts'
import type { DocumentContent } from '../document-content.ts'
import { DocumentProblem } from '../document-problem.ts'
import { readCoreProperties } from './core-properties.ts'
import { readXml } from './read-xml.ts'
import { TextBuilder } from './text-builder.ts'

const hidden: ReadonlySet<string> = new Set(['text:tracked-changes', 'office:annotation', 'style:style', 'presentation:settings'])

/** OpenDocument (ISO/IEC 26300): text with its headings; a presentation has a page for each slide. */
export async function parseOpenDocument(bytes: Uint8Array, format: 'odt' | 'odp'): Promise<DocumentContent> {
  using archive = await openArchive(bytes)
  const manifest = await archive.read('META-INF/manifest.xml')
  if (manifest?.includes('manifest:encryption-data')) throw new DocumentProblem('it is protected by a password')
  const builder = new TextBuilder()
  readContent(await readRequired(archive, 'content.xml'), builder)
  return { format, ...(await readCoreProperties(archive, 'meta.xml')), ...builder.finish() }
}

function readContent(xml: Uint8Array, builder: TextBuilder): void {
  let parts: string[] = []
  let depthHidden = 0
  let depthText = 0
  let lists = 0
  let items: string[] = []
  let cells: string[] | null = null
  let rows: string[] = []
  const paragraph = (level: number | null): void => {
    const text = parts.join('')
    parts = []
    if (level !== null) builder.heading(level, text)
    else if (cells) cells[cells.length - 1] = `${cells.at(-1) ?? ''} ${text.replaceAll(/\s+/gu, ' ')}`.trim()
    else if (lists > 0) items.push(`- ${text}`)
    else builder.block(text)
  }
  let level: number | null = null
  readXml(xml, {
    open: (name, attributes) => {
      if (hidden.has(name)) depthHidden++
      else if (name === 'text:h' || name === 'text:p') {
        depthText++
        level = name === 'text:h' ? Number(attributes['text:outline-level'] ?? 1) || 1 : null
      } else if (name === 'text:s') parts.push(' '.repeat(Math.min(100, Math.max(1, Number(attributes['text:c'] ?? 1) || 1))))
      else if (name === 'text:tab') parts.push('\t')
      else if (name === 'text:line-break') parts.push('\n')
      else if (name === 'text:list') lists++
      else if (name === 'table:table-row') cells = []
      else if (name === 'table:table-cell') cells?.push('')
      else if (name === 'draw:page') builder.page()
    },
    text: (text) => (depthText > 0 && depthHidden === 0 ? parts.push(text.replaceAll(/\s+/gu, ' ')) : undefined),
    close: (name) => {
      if (hidden.has(name)) depthHidden--
      else if (name === 'text:h' || name === 'text:p') {
        depthText--
        if (depthText === 0) paragraph(level)
      } else if (name === 'text:list' && --lists === 0 && !cells) {
        builder.block(items.join('\n'))
        items = []
      } else if (name === 'table:table-row') {
        if (cells) rows.push(cells.join('\t'))
        cells = null
      } else if (name === 'table:table') {
        builder.block(rows.join('\n'))
        rows = []
      }
    },
  })
}

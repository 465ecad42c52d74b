import mammoth from 'mammoth'
import { openArchive } from '../archive/open-archive.ts'
import type { DocumentContent } from '../document-content.ts'
import { readHtml } from './parse-html.ts'
import { readCoreProperties } from './core-properties.ts'
import { TextBuilder } from './text-builder.ts'

const styleMap = ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh", "br[type='page'] => br"]

/** Word: mammoth reads paragraphs, lists, tables, notes and headings into HTML. A DOCX says nothing of where its pages end. */
export async function parseDocx(bytes: Uint8Array): Promise<DocumentContent> {
  using archive = await openArchive(bytes)
  await archive.verify()
  const properties = await readCoreProperties(archive)
  const convertImage = mammoth.images.imgElement(async () => ({ src: '' }))
  const { value } = await mammoth.convertToHtml({ buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }, { styleMap, convertImage })
  const builder = new TextBuilder()
  readHtml(value, builder)
  return { format: 'docx', ...properties, ...builder.finish() }
}

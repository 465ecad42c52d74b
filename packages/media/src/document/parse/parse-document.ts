import { headingsIn } from '../../text/headings.ts'
import type { DocumentContent, DocumentFormat } from '../document-content.ts'
import { formatOf } from '../document-type.ts'
import { decodeDocumentText } from './decode-document-text.ts'

/** Reads a document of any format. Throws DocumentProblem, or what a parser throws. */
export async function parseDocument(bytes: Uint8Array, mimeType: string): Promise<DocumentContent> {
  return parsers[formatOf(mimeType, bytes)](bytes)
}

type DocumentParser = (bytes: Uint8Array) => Promise<DocumentContent>

const spreadsheet =
  (format: 'xlsx' | 'xls' | 'ods'): DocumentParser =>
  async (bytes) =>
    (await import('./parse-spreadsheet.ts')).parseSpreadsheet(bytes, format)

const openDocument =
  (format: 'odt' | 'odp'): DocumentParser =>
  async (bytes) =>
    (await import('./parse-open-document.ts')).parseOpenDocument(bytes, format)

/** Loaded when they are first needed. */
const parsers: Readonly<Record<DocumentFormat, DocumentParser>> = {
  pdf: async (bytes) => (await import('./pdf/parse-pdf.ts')).parsePdf(bytes),
  docx: async (bytes) => (await import('./parse-docx.ts')).parseDocx(bytes),
  pptx: async (bytes) => (await import('./parse-pptx.ts')).parsePptx(bytes),
  xlsx: spreadsheet('xlsx'),
  xls: spreadsheet('xls'),
  ods: spreadsheet('ods'),
  odt: openDocument('odt'),
  odp: openDocument('odp'),
  epub: async (bytes) => (await import('./parse-epub.ts')).parseEpub(bytes),
  html: async (bytes) => (await import('./parse-html.ts')).parseHtml(decodeDocumentText(bytes)),
  markdown: async (bytes) => (await import('./parse-markdown.ts')).parseMarkdown(decodeDocumentText(bytes)),
  csv: async (bytes) => plain('csv', decodeDocumentText(bytes)),
  text: async (bytes) => plain('text', decodeDocumentText(bytes)),
}

/** As it is; a text without a name may be Markdown. */
function plain(format: 'csv' | 'text', text: string): DocumentContent {
  return { format, title: null, author: null, text, headings: format === 'text' ? headingsIn(text) : [], pages: null }
}

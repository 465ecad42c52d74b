import type { DocumentFormat } from './document-content.ts'
import { DocumentProblem } from './document-problem.ts'

const byMimeType: Readonly<Record<string, DocumentFormat>> = {
  'application/pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.template': 'docx',
  'application/vnd.ms-word.document.macroenabled.12': 'docx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/vnd.openxmlformats-officedocument.presentationml.slideshow': 'pptx',
  'application/vnd.openxmlformats-officedocument.presentationml.template': 'pptx',
  'application/vnd.ms-powerpoint.presentation.macroenabled.12': 'pptx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.template': 'xlsx',
  'application/vnd.ms-excel.sheet.macroenabled.12': 'xlsx',
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.presentation': 'odp',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/epub+zip': 'epub',
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'text/markdown': 'markdown',
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
}

const readAsText: ReadonlySet<string> = new Set(['application/json', 'application/x-ndjson', 'application/xml', 'application/yaml', 'image/svg+xml'])

/** Which reader a document needs, by what its content was found to be. Throws DocumentProblem for what none can read. */
export function formatOf(mimeType: string, bytes: Uint8Array): DocumentFormat {
  const known = byMimeType[mimeType]
  if (known) return known
  if (mimeType.startsWith('text/') || readAsText.has(mimeType)) return 'text'
  if (mimeType === 'application/x-cfb') return formatOfCompound(bytes)
  throw new DocumentProblem(`there is no reader for ${mimeType}: PDF, DOCX, PPTX, XLSX, XLS, OpenDocument, EPUB, HTML, Markdown, CSV and texts are read`)
}

/** The older Office formats and encrypted newer ones share a container (MS-CFB), whose directory names its streams in UTF-16. */
function formatOfCompound(bytes: Uint8Array): DocumentFormat {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // As bytes: looked for as UTF-16, an odd place in memory makes Node's search endless.
  const has = (name: string): boolean => content.includes(Buffer.from(name, 'utf16le'))
  if (has('EncryptedPackage')) throw new DocumentProblem('it is protected by a password')
  if (has('Workbook') || has('Book')) return 'xls'
  if (has('WordDocument')) throw new DocumentProblem('it is in the older format of Word (.doc): save it as DOCX')
  if (has('PowerPoint Document')) throw new DocumentProblem('it is in the older format of PowerPoint (.ppt): save it as PPTX')
  throw new DocumentProblem('there is no reader for this compound file')
}

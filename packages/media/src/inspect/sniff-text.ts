import type { MediaType } from './media-type.ts'

export interface MediaHint {
  /** A file's name, or the last part of a URL's path. */
  readonly name?: string | undefined
  /** What a server or a Blob says it is. */
  readonly mimeType?: string | undefined
}

const plain: MediaType = { mimeType: 'text/plain', extension: 'txt' }
const html: MediaType = { mimeType: 'text/html', extension: 'html' }
const xml: MediaType = { mimeType: 'application/xml', extension: 'xml' }
const json: MediaType = { mimeType: 'application/json', extension: 'json' }

/** Text formats that look like plain text: here a name or a server's word decides. */
const hinted: readonly (MediaType & { readonly names: readonly string[] })[] = [
  { mimeType: 'text/markdown', extension: 'md', names: ['md', 'markdown'] },
  { mimeType: 'text/csv', extension: 'csv', names: ['csv'] },
  { mimeType: 'text/tab-separated-values', extension: 'tsv', names: ['tsv', 'tab'] },
  { mimeType: 'text/css', extension: 'css', names: ['css'] },
  { mimeType: 'application/yaml', extension: 'yaml', names: ['yaml', 'yml'] },
  { mimeType: 'application/x-ndjson', extension: 'ndjson', names: ['ndjson', 'jsonl'] },
]

/** Which text it is: what has a grammar is told by its content, the rest by the hint, and is plain text otherwise. */
export function sniffText(text: string, complete: boolean, hint: MediaHint): MediaType {
  const start = text.replace(/^\ufeff/, '').trimStart()
  const root = rootElement(start)
  if (root === 'svg') return { mimeType: 'image/svg+xml', extension: 'svg' }
  if (root === 'html' || /^<(?:!doctype\s+html|html|head|body)[\s>]/i.test(start)) return html
  if (start.startsWith('<?xml')) return xml
  if (isJson(start, complete, hint)) return json
  const mimeType = hint.mimeType?.split(';')[0]?.trim().toLowerCase()
  const extension = extensionOf(hint.name)
  const found = hinted.find((type) => type.names.includes(extension)) ?? hinted.find((type) => type.mimeType === mimeType)
  if (found) return { mimeType: found.mimeType, extension: found.extension }
  const saidHtml = extension === 'html' || extension === 'htm' || mimeType === 'text/html'
  return saidHtml && /<[a-z!/]/i.test(start) ? html : plain
}

/** The first element's local name, past the declaration, comments and the document type. */
function rootElement(start: string): string | null {
  let rest = start
  for (;;) {
    const skipped = rest.startsWith('<?')
      ? after(rest, '?>')
      : rest.startsWith('<!--')
        ? after(rest, '-->')
        : /^<!doctype/i.test(rest)
          ? afterDoctype(rest)
          : null
    if (skipped === null) return /^<(?:[\w-]+:)?([\w-]+)/.exec(rest)?.[1]?.toLowerCase() ?? null
    rest = skipped.trimStart()
  }
}

function after(text: string, end: string): string {
  const at = text.indexOf(end)
  return at < 0 ? '' : text.slice(at + end.length)
}

/** A document type may hold declarations in brackets. */
function afterDoctype(text: string): string {
  const close = text.indexOf('>')
  const bracket = text.indexOf('[')
  return bracket >= 0 && bracket < close ? after(after(text, ']'), '>') : after(text, '>')
}

function isJson(start: string, complete: boolean, hint: MediaHint): boolean {
  if (!start.startsWith('{') && !start.startsWith('[')) return false
  if (!complete) return extensionOf(hint.name) === 'json' || hint.mimeType?.startsWith('application/json') === true
  try {
    JSON.parse(start)
    return true
  } catch {
    return false
  }
}

function extensionOf(name: string | undefined): string {
  return /\.([a-z0-9]+)$/i.exec(name ?? '')?.[1]?.toLowerCase() ?? ''
}

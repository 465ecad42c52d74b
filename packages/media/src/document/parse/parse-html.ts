import { Parser } from 'htmlparser2'
import type { DocumentContent } from '../document-content.ts'
import { checkDepth } from './check-depth.ts'
import { TextBuilder } from './text-builder.ts'

const invisible: ReadonlySet<string> = new Set([
  'title',
  'script',
  'style',
  'template',
  'noscript',
  'svg',
  'math',
  'head',
  'iframe',
  'object',
  'select',
  'textarea',
])

const blocks: ReadonlySet<string> = new Set(
  'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form header hr html main menu nav ol p pre search section summary table tbody tfoot thead ul'.split(
    ' ',
  ),
)

/**
 * HTML as text: blocks with an empty line between them, items of lists with a dash, a line for each row of a table with
 * tabs between its cells. Read as a stream of tags, so that no depth of nesting matters.
 */
export function parseHtml(html: string): DocumentContent {
  const builder = new TextBuilder()
  const { title, author } = readHtml(html, builder)
  return { format: 'html', title, author, ...builder.finish() }
}

/** Appends a page of HTML to a text; gives what its head says. */
export function readHtml(
  html: string,
  builder: TextBuilder,
  options: { readonly xhtml?: boolean } = {},
): { readonly title: string | null; readonly author: string | null } {
  const reader = new HtmlReader(builder)
  let depth = 0
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        checkDepth(++depth)
        reader.open(name, attributes)
      },
      onclosetag: (name) => {
        depth--
        reader.close(name)
      },
      ontext: (text) => reader.text(text),
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true, recognizeSelfClosing: options.xhtml ?? false },
  )
  // In pieces, so that a parser's buffer never holds all of it twice.
  for (let offset = 0; offset < html.length; offset += pieceLength) parser.write(html.slice(offset, offset + pieceLength))
  parser.end()
  reader.flush()
  return { title: reader.title.replaceAll(/\s+/gu, ' ').trim() || null, author: reader.author }
}

const pieceLength = 64 * 1024

class HtmlReader {
  title = ''
  author: string | null = null
  readonly #builder: TextBuilder
  #parts: string[] = []
  #hidden = 0
  #preformatted = 0
  #heading = 0
  #inTitle = false
  /** A table or a list is one block, however many lines it has. */
  #group = 0
  #cells = 0

  constructor(builder: TextBuilder) {
    this.#builder = builder
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'title' && this.#hidden <= 1) this.#inTitle = true
    if (name === 'meta' && attributes['name']?.toLowerCase() === 'author') this.author ??= attributes['content']?.trim() || null
    if (invisible.has(name)) this.#hidden++
    if (this.#hidden > 0) return
    const level = headingLevel(name)
    if (level > 0) {
      this.flush()
      this.#heading = level
    } else if (name === 'table' || name === 'ul' || name === 'ol') {
      if (this.#group++ === 0) this.flush()
      else this.#line()
    } else if (name === 'tr') {
      this.#line()
      this.#cells = 0
    } else if (name === 'td' || name === 'th') {
      if (this.#cells++ > 0) this.#parts.push('\t')
    } else if (name === 'li') {
      this.#line()
      this.#parts.push('- ')
    } else if (name === 'br') this.#parts.push('\n')
    else if (blocks.has(name)) {
      this.#between()
      if (name === 'pre') this.#preformatted++
    }
  }

  close(name: string): void {
    if (name === 'title') this.#inTitle = false
    if (invisible.has(name) && this.#hidden > 0) {
      this.#hidden--
      return
    }
    if (this.#hidden > 0) return
    if (headingLevel(name) > 0) this.flush()
    else if (name === 'table' || name === 'ul' || name === 'ol') {
      this.#group = Math.max(0, this.#group - 1)
      if (this.#group === 0) this.flush()
    } else if (blocks.has(name)) {
      this.#between()
      if (name === 'pre') this.#preformatted = Math.max(0, this.#preformatted - 1)
    }
  }

  text(text: string): void {
    if (this.#inTitle && this.title.length < 1000) this.title += text.slice(0, 1000)
    if (this.#hidden === 0) this.#parts.push(this.#preformatted > 0 ? text : text.replaceAll(/[ \t\r\n\f]+/gu, ' '))
  }

  flush(): void {
    const joined = this.#parts.join('')
    const text = this.#preformatted > 0 ? joined : tidy(joined)
    this.#parts = []
    if (this.#heading > 0) this.#builder.heading(this.#heading, text)
    else this.#builder.block(text)
    this.#heading = 0
  }

  /** A block within a list or a table is no paragraph of its own. */
  #between(): void {
    if (this.#group === 0) this.flush()
    else if (this.#cells > 0) this.#parts.push(' ')
    else this.#line()
  }

  #line(): void {
    const last = this.#parts.at(-1)
    if (last !== undefined && last !== '- ') this.#parts.push('\n')
  }
}

function headingLevel(name: string): number {
  return name.length === 2 && name.startsWith('h') && name >= 'h1' && name <= 'h6' ? Number(name[1]) : 0
}

/** Spaces that collapse where pieces of text meet; lines without text go. */
function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/ {2,}/gu, ' ')
        .replaceAll(/ ?\t ?/gu, '\t')
        .replace(/^ /, '')
        .trimEnd(),
    )
    .filter((line) => line !== '')
    .join('\n')
}

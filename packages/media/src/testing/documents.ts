import { fileURLToPath } from 'node:url'
import { utils, write } from '@e965/xlsx'
import { Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow } from 'docx'
import { zipSync } from 'fflate'
import * as pdfkit from 'pdfkit'
import * as pptxgenjs from 'pptxgenjs'

// What is used of two libraries whose types are those of CommonJS modules, which they are not.
interface PdfWriter {
  y: number
  font(path: string): this
  fontSize(size: number): this
  moveDown(lines?: number): this
  text(text: string, left?: number, top?: number, options?: { readonly width?: number; readonly lineBreak?: boolean }): this
  addPage(): this
  on(event: 'data' | 'end', listener: (chunk: Buffer) => void): this
  end(): void
}
interface Slide {
  addText(text: string, options: object): void
  addTable(rows: readonly (readonly { readonly text: string }[])[], options: object): void
  addNotes(notes: string): void
}
interface Deck {
  title: string
  author: string
  defineSlideMaster(options: object): void
  addSlide(options: object): Slide
  write(options: object): Promise<unknown>
}
const { PDFDocument } = pdfkit as unknown as { readonly PDFDocument: new (options: object) => PdfWriter }
const { default: PptxDeck } = pptxgenjs as unknown as { readonly default: new () => Deck }

/** Two sentences to a paragraph, all different. */
export function prose(paragraph: number, sentences: number = 2): string {
  return Array.from({ length: sentences }, (_, index) => `Paragraph ${paragraph} has a sentence ${index + 1} about rivers, bridges and the weather.`).join(' ')
}

export interface PdfOptions {
  readonly password?: string
  readonly pages?: number
}

/** A title, headings, running text in two columns, a table with three rows, Cyrillic and Greek on the last page. */
export async function pdfDocument({ password, pages = 3 }: PdfOptions = {}): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'A4', info: { Title: 'On rivers', Author: 'A. Writer' }, ...(password === undefined ? {} : { userPassword: password }) })
  pdf.font(fontPath)
  pdf.fontSize(24).text('On rivers').moveDown()
  pdf.fontSize(16).text('Introduction').moveDown(0.5)
  pdf.fontSize(11).text(prose(1, 3)).moveDown().text(prose(2, 3)).moveDown()
  const top = pdf.y
  pdf.text(`Left begins. ${prose(3, 6)} Left ends.`, 72, top, { width: 215 })
  pdf.text(`Right begins. ${prose(4, 6)} Right ends.`, 307, top, { width: 215 })
  pdf.addPage()
  pdf.fontSize(16).text('Figures', 72, 72)
  for (const [index, row] of [
    ['River', 'Length', 'Country'],
    ['Rhine', '1233', 'Germany'],
    ['Volga', '3531', 'Russia'],
  ].entries())
    for (const [column, cell] of row.entries()) pdf.fontSize(11).text(cell, 72 + column * 120, 120 + index * 16, { lineBreak: false })
  for (let page = 3; page <= pages; page++) {
    pdf.addPage()
    pdf.fontSize(16).text(`Языки ${page}`, 72, 72).moveDown(0.5)
    pdf.fontSize(11).text('Реки впадают в море. Ποτάμια και θάλασσες.')
  }
  return collect(pdf)
}

const fontPath = fileURLToPath(import.meta.resolve('@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf'))

function collect(pdf: PdfWriter): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    pdf.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)))
    pdf.end()
  })
}

/** Headings of two levels, paragraphs, a table, a list, Japanese. */
export async function docxDocument(): Promise<Buffer> {
  const row = (...cells: readonly string[]): TableRow => new TableRow({ children: cells.map((cell) => new TableCell({ children: [new Paragraph(cell)] })) })
  const item = (text: string): Paragraph => new Paragraph({ text, bullet: { level: 0 } })
  return Packer.toBuffer(
    new Document({
      title: 'On bridges',
      creator: 'B. Writer',
      sections: [
        {
          children: [
            new Paragraph({ text: 'Bridges', heading: HeadingLevel.HEADING_1 }),
            new Paragraph(prose(1)),
            new Paragraph({ text: 'Kinds', heading: HeadingLevel.HEADING_2 }),
            new Table({ rows: [row('Kind', 'Span'), row('Arch', '50')] }),
            item('stone'),
            item('steel'),
            new Paragraph({ text: '橋', heading: HeadingLevel.HEADING_1 }),
            new Paragraph('橋は川を渡る。'),
          ],
        },
      ],
    }),
  )
}

/** Two slides with titles, a text, a table and notes. */
export async function pptxDocument(): Promise<Buffer> {
  const deck = new PptxDeck()
  deck.title = 'On weather'
  deck.author = 'C. Writer'
  deck.defineSlideMaster({
    title: 'Plain',
    objects: [{ placeholder: { options: { name: 'title', type: 'title', x: 0.5, y: 0.3, w: 8, h: 1 }, text: '' } }],
  })
  const first = deck.addSlide({ masterName: 'Plain' })
  first.addText('Rain', { placeholder: 'title' })
  first.addText(prose(1), { x: 0.5, y: 1.5, w: 8, h: 2 })
  first.addNotes('Say something about clouds.')
  const second = deck.addSlide({ masterName: 'Plain' })
  second.addText('Снег', { placeholder: 'title' })
  second.addTable(
    [
      [{ text: 'Month' }, { text: 'Days' }],
      [{ text: 'January' }, { text: '12' }],
    ],
    { x: 0.5, y: 1.5, w: 8 },
  )
  return (await deck.write({ outputType: 'nodebuffer' })) as Buffer
}

/** Two sheets with names, numbers, a date, true and false, a gap. */
export function spreadsheet(bookType: 'xlsx' | 'xls' | 'ods' = 'xlsx'): Buffer {
  const book = utils.book_new()
  const rivers = utils.aoa_to_sheet(
    [
      ['River', 'Length', 'Seen', 'Long'],
      ['Rhine', 1233, new Date(Date.UTC(2024, 1, 29)), false],
      ['Волга', 3531.5, null, true],
    ],
    { UTC: true, ...(bookType === 'ods' ? {} : { dateNF: 'yyyy-mm-dd' }) },
  )
  utils.book_append_sheet(book, rivers, 'Rivers')
  utils.book_append_sheet(
    book,
    utils.aoa_to_sheet([
      ['Only', 'Only'],
      [null, 7],
    ]),
    'Second',
  )
  return write(book, { type: 'buffer', bookType, Props: { Title: 'Tables', Author: 'D. Writer' } }) as Buffer
}

/** Two chapters, the second in a folder whose name has a blank. */
export function epubDocument(): Buffer {
  const chapter = (title: string, body: string): string =>
    `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><h1>${title}</h1><p>${body}</p><script/><p>More.</p></body></html>`
  return zip({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
    'OPS/book.opf': `<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>A book</dc:title><dc:creator>E. Writer</dc:creator></metadata>
      <manifest><item id="b" href="part%20two/2.xhtml"/><item id="a" href="1.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>`,
    'OPS/1.xhtml': chapter('One', prose(1)),
    'OPS/part two/2.xhtml': chapter('Δύο', 'Δεύτερο κεφάλαιο.'),
  })
}

export function openDocumentText(): Buffer {
  return zip({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'meta.xml': '<office:document-meta><dc:title>Open</dc:title><dc:creator>F. Writer</dc:creator></office:document-meta>',
    'content.xml': `<office:document-content><office:body><office:text>
      <text:h text:outline-level="1">Head</text:h><text:p>One<text:tab/>two<text:s text:c="2"/>three &amp; <text:span>four</text:span></text:p>
      <text:list><text:list-item><text:p>a</text:p></text:list-item><text:list-item><text:p>b</text:p></text:list-item></text:list>
      <table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell><table:table-cell><text:p>y</text:p></table:table-cell></table:table-row></table:table>
      </office:text></office:body></office:document-content>`,
  })
}

export const htmlDocument: string = `<!doctype html><html><head><title>Page &amp; title</title><meta name="author" content="G. Writer"><style>p{}</style></head>
<body><h1>Top</h1><p>First <b>bold</b>
text.</p><script>alert('no')</script><h2>Below</h2><ul><li>one<li>two<ul><li>inner</ul></ul>
<table><tr><th>A<th>B</tr><tr><td>1<td><p>2</p></tr></table><pre>  kept
    as is</pre><p>Ende: 東京</body></html>`

export const markdownDocument: string = `Title
=====

Text with \`code\`.

\`\`\`sh
# no heading
\`\`\`

## Second *part*

- a
- b
`

/** The first file is stored, as formats that are told by it want. */
export function zip(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const [first] = Object.keys(files)
  return Buffer.from(
    zipSync(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [name, [Buffer.from(content), { level: name === first ? 0 : 6 }] as const])) as never,
    ),
  )
}

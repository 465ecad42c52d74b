import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import sharp from 'sharp'
import {
  docxDocument,
  epubDocument,
  htmlDocument,
  markdownDocument,
  openDocumentText,
  pdfDocument,
  pptxDocument,
  prose,
  spreadsheet,
  zip,
} from '../testing/documents.ts'
import type { ChunkOptions } from './chunk-options.ts'
import { chunks } from './chunks.ts'
import { document } from './document.ts'
import { pageImages, pages } from './pages.ts'
import { rows } from './rows.ts'

const named = (bytes: Uint8Array | string, name: string): File => new File([new Blob([bytes])], name)
const pdf = await pdfDocument()
const documents = {
  pdf: named(pdf, 'a.pdf'),
  docx: named(await docxDocument(), 'a.docx'),
  pptx: named(await pptxDocument(), 'a.pptx'),
  xlsx: named(spreadsheet(), 'a.xlsx'),
  xls: named(spreadsheet('xls'), 'a.xls'),
  epub: named(epubDocument(), 'a.epub'),
  odt: named(openDocumentText(), 'a.odt'),
  html: named(htmlDocument, 'a.html'),
  markdown: named(markdownDocument, 'a.md'),
}

describe('each format', () => {
  test.each<[keyof typeof documents, object]>([
    ['pdf', { format: 'pdf', title: 'On rivers', author: 'A. Writer', pages: 3 }],
    ['docx', { format: 'docx', title: 'On bridges', author: 'B. Writer', pages: null }],
    ['pptx', { format: 'pptx', title: 'On weather', author: 'C. Writer', pages: 2 }],
    ['xlsx', { format: 'xlsx', title: 'Tables', author: 'D. Writer', pages: 2 }],
    ['xls', { format: 'xls', pages: 2 }],
    ['epub', { format: 'epub', title: 'A book', author: 'E. Writer', pages: 2 }],
    ['odt', { format: 'odt', title: 'Open', author: 'F. Writer', pages: null }],
    ['html', { format: 'html', title: 'Page & title', author: 'G. Writer', pages: null }],
    ['markdown', { format: 'markdown', title: 'Title', author: null, pages: null }],
  ])('%s says what it is', async (name, expected) => {
    expect(await document.metadata(documents[name])).toMatchObject(expected)
  })

  test.each<[keyof typeof documents, readonly (readonly [headings: string, page: number | null, text: string])[]]>([
    [
      'docx',
      [
        ['Bridges', null, `Bridges\n\n${prose(1)}`],
        ['Bridges > Kinds', null, 'Kinds\n\nKind\tSpan\nArch\t50\n\n- stone\n- steel'],
        ['橋', null, '橋\n\n橋は川を渡る。'],
      ],
    ],
    [
      'pptx',
      [
        ['Rain', 1, `Rain\n\n${prose(1)}\n\nSay something about clouds.`],
        ['Снег', 2, 'Снег\n\nMonth\tDays\nJanuary\t12'],
      ],
    ],
    [
      'xlsx',
      [
        ['Rivers', 1, 'Rivers\n\nRiver\tLength\tSeen\tLong\nRhine\t1233\t2024-02-29\tFALSE\nВолга\t3531.5\t\tTRUE'],
        ['Second', 2, 'Second\n\nOnly\tOnly\n\t7'],
      ],
    ],
    [
      'epub',
      [
        ['One', 1, `One\n\n${prose(1)}\n\nMore.`],
        ['Δύο', 2, 'Δύο\n\nΔεύτερο κεφάλαιο.\n\nMore.'],
      ],
    ],
    ['odt', [['Head', null, 'Head\n\nOne\ttwo  three & four\n\n- a\n- b\n\nx\ty']]],
    [
      'html',
      [
        ['Top', null, 'Top\n\nFirst bold text.'],
        ['Top > Below', null, 'Below\n\n- one\n- two\n- inner\n\nA\tB\n1\t2\n\nkept\n    as is\n\nEnde: 東京'],
      ],
    ],
    [
      'markdown',
      [
        ['Title', null, 'Title\n=====\n\nText with `code`.\n\n```sh\n# no heading\n```'],
        ['Title > Second part', null, '## Second *part*\n\n- a\n- b'],
      ],
    ],
  ])('%s is read with its headings, lists, tables and pages', async (name, expected) => {
    const found = await Array.fromAsync(chunks(documents[name], { by: 'heading' }))
    expect(found.map(({ headings, page, text }) => [headings.join(' > '), page, text])).toEqual(expected)
  })

  test('a PDF is read column by column, a table row by row', async () => {
    const found = await Array.fromAsync(chunks(documents.pdf, { by: 'heading' }))
    expect(found.map(({ headings, page }) => [headings.join(' > '), page])).toEqual([
      ['On rivers', 1],
      ['On rivers > Introduction', 1],
      ['On rivers > Figures', 2],
      ['On rivers > Языки 3', 3],
    ])
    const [, introduction, figures, languages] = found.map(({ text }) => text.replaceAll('\n', ' '))
    expect(introduction).toContain(`${prose(1, 3)}  ${prose(2, 3)}  Left begins. ${prose(3, 6)} Left ends.  Right begins. ${prose(4, 6)} Right ends.`)
    expect(figures).toBe('Figures  River\tLength\tCountry Rhine\t1233\tGermany Volga\t3531\tRussia')
    expect(languages).toBe('Языки 3  Реки впадают в море. Ποτάμια και θάλασσες.')
  })
})

const divisions: readonly ChunkOptions[] = [
  { by: 'page', limit: 100 },
  { by: 'paragraph' },
  { by: 'sentence', limit: 120 },
  { by: 'heading', limit: 200, overlap: 40 },
  { by: 'tokens', limit: 60, overlap: 15 },
]

describe('chunks', () => {
  test.each(['pdf', 'epub'] as const)('of %s: places in the text, the page and the headings that each begins under, nothing left out', async (name) => {
    const file = documents[name]
    const text = await document.text(file)
    const whole = await Array.fromAsync(pages(file))
    const sections = await Array.fromAsync(chunks(file, { by: 'heading' }))
    for (const options of divisions) {
      let covered = 0
      for (const chunk of await Array.fromAsync(chunks(file, options))) {
        expect(text.slice(chunk.start, chunk.end)).toBe(chunk.text)
        expect(text.slice(covered, Math.max(covered, chunk.start)).trim()).toBe('')
        expect(chunk.headings).toEqual(sections.findLast((section) => section.start <= chunk.start)?.headings)
        const page = whole.findLast(({ start }) => start <= chunk.start)
        expect(chunk.page).toBe(page?.page)
        if (options.by === 'page') expect(chunk.end).toBeLessThanOrEqual(page!.end)
        covered = chunk.end
      }
      expect(text.slice(covered).trim()).toBe('')
    }
  })

  test('are refused with options that make no sense', () => {
    expect(() => chunks(documents.pdf, { by: 'tokens' })).toThrow("chunks: by: 'tokens' needs a limit")
    expect(() => chunks(documents.pdf, { by: 'word' as never })).toThrow('chunks: by is one of page, paragraph')
  })
})

describe('rows', () => {
  const volga = { River: 'Волга', Length: 3531.5, Long: true }
  test.each(['xlsx', 'xls'] as const)('of %s have their types, by the names above', async (name) => {
    expect(await Array.fromAsync(rows(documents[name]))).toEqual([
      { sheet: 'Rivers', row: 2, values: { River: 'Rhine', Length: 1233, Seen: '2024-02-29', Long: false } },
      { sheet: 'Rivers', row: 3, values: volga },
      { sheet: 'Second', row: 2, values: { 'Only 2': 7 } },
    ])
  })

  test('of CSV are texts; quotes, blanks and other separators are understood', async () => {
    const csv = named('a;b;a\n"x; ""y""\nz";2\n\n;;3;4', 'a.csv')
    expect((await Array.fromAsync(rows(csv))).map(({ values }) => values)).toEqual([
      { a: 'x; "y"\nz', b: '2' },
      { a: '', b: '', 'a 2': '3', D: '4' },
    ])
    expect((await Array.fromAsync(rows(named('1\t2\n', 'a.tsv'), { header: false })))[0]).toEqual({ sheet: null, row: 1, values: { A: '1', B: '2' } })
  })
})

describe('pages of a PDF are drawn', () => {
  test('in the size asked for, alike every time', async () => {
    const images = await Array.fromAsync(pageImages(documents.pdf, { width: 300 }))
    expect(images.map(({ page }) => page)).toEqual([1, 2, 3])
    const again = await document.pageImage(documents.pdf, { page: 2, width: 300 })
    const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
    expect(hash(again)).toBe(hash(images[1]!.image))
    expect(await sharp(again).metadata()).toMatchObject({ format: 'png', width: 300, height: 424 })
    const { data, info } = await sharp(images[0]!.image).greyscale().raw().toBuffer({ resolveWithObject: true })
    const darkRows = new Set(Array.from(data.entries()).flatMap(([index, level]) => (level < 100 ? [Math.floor(index / info.width)] : [])))
    // The title is there, and nothing below the text.
    expect([...darkRows].some((row) => row > 30 && row < 50)).toBe(true)
    expect([...darkRows].some((row) => row > 230)).toBe(false)
    expect((await sharp(await document.pageImage(documents.pdf, { dpi: 36, format: 'jpeg' })).metadata()).width).toBe(298)
  })

  test('and no others', async () => {
    await expect(document.pageImage(documents.pdf, { page: 4 })).rejects.toThrow('it has no page 4: it has 3')
    await expect(document.pageImage(documents.docx)).rejects.toThrow('only the pages of a PDF can be drawn, and it is docx')
    await expect(document.pageImage(documents.pdf, { dpi: 0 })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })
})

describe('what cannot be read says why', () => {
  const word = (parts: Readonly<Record<string, string>>): Buffer =>
    zip({
      '[Content_Types].xml':
        '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
      ...parts,
    })
  test.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
    ['nothing', () => Buffer.alloc(0), 'it is empty (0 bytes)'],
    ['a password', () => pdfDocument({ password: 'secret' }), 'it is protected by a password'],
    ['a PDF that was cut off', () => pdf.subarray(0, 200), 'it is damaged'],
    ['an EPUB that was cut off', () => epubDocument().subarray(0, 400), 'there is no reader for application/epub+zip|its archive is damaged'],
    ['bytes of no format', () => Buffer.from([0, 1, 2, 3, 250]), 'there is no reader for application/octet-stream'],
    [
      'a picture',
      async () =>
        sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      'there is no reader for image/png',
    ],
    [
      'a name that leads out of the archive',
      () => zip({ mimetype: 'application/epub+zip', '../../etc/passwd': 'x' }),
      'its archive is damaged: invalid relative path',
    ],
    ['a missing part', () => zip({ mimetype: 'application/epub+zip', 'a.txt': 'x' }), 'its part META-INF/container.xml is missing'],
    ['a ZIP bomb', () => sized(zip({ mimetype: 'application/epub+zip', part: 'x' }), 'part', 600_000_000), 'unpacks to more than the 536870912 bytes'],
    ['a file that unpacks to more than it says', () => sized(epubDocument(), 'META-INF/container.xml', 20), 'too many bytes in the stream'],
    [
      'a wrong checksum',
      () => damaged(word({ 'word/document.xml': 'x'.repeat(50) }), 'word/document.xml'),
      'its part word/document.xml is damaged (wrong checksum)',
    ],
  ])('%s', async (_name, bytes, reason) => {
    const reading = document.text(await bytes())
    await expect(reading).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    await expect(reading).rejects.toThrow(new RegExp(`^The document cannot be read: .*(${reason.replaceAll(/[()]/g, '\\$&')})`))
  })

  test('a call that is given up ends its reader, and the next document is read', async () => {
    const slow = Buffer.from('*a _b '.repeat(250_000))
    const reading = Array.fromAsync(
      chunks.definition.code(named(slow, 'a.md') as never, { by: 'page' } as never, { signal: AbortSignal.timeout(300) } as never) as AsyncIterable<unknown>,
    )
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await document.text(named('still here', 'a.txt'))).toBe('still here')
  })
})

/** The size that the directory says is another. */
function sized(archive: Buffer, name: string, sizeBytes: number): Buffer {
  archive.writeUInt32LE(sizeBytes, archive.lastIndexOf(name) - 46 + 24)
  return archive
}

/** One bit of the checksum in the directory is turned. */
function damaged(archive: Buffer, name: string): Buffer {
  const entry = archive.lastIndexOf(name) - 46
  archive[entry + 16]! ^= 1
  return archive
}

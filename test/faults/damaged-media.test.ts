import { afterAll, expect, test } from 'vitest'
import { isVivantError } from '@vivant/core'
import { chunks, document, inspectMedia, pageImages, rows, tiles } from '@vivant/media'
import {
  docxDocument,
  epubDocument,
  htmlDocument,
  markdownDocument,
  openDocumentText,
  pdfDocument,
  pptxDocument,
  spreadsheet,
  zip,
} from '../../packages/media/src/testing/documents.ts'
import { bombPdf, hugePng, lyingArchive } from '../../packages/media/src/testing/bombs.ts'
import { mutate, seeded } from '../../packages/media/src/testing/mutate.ts'
import { plain } from '../../packages/media/src/testing/pictures.ts'

// Real files of every kind, damaged in 2,200 ways by a seed, then bombs: each is read or refused with an error of ours, and the process lives on.
const mutationsOfEach = 200
const seed = Number(process.env['VIVANT_TEST_SEED'] ?? 20_261_121)
const named = (bytes: Uint8Array | string, name: string): File => new File([new Blob([bytes])], name)

const documents: readonly (readonly [string, Buffer])[] = [
  ['a.pdf', await pdfDocument()],
  ['a.docx', await docxDocument()],
  ['a.pptx', await pptxDocument()],
  ['a.xlsx', spreadsheet()],
  ['a.xls', spreadsheet('xls')],
  ['a.ods', spreadsheet('ods')],
  ['a.epub', epubDocument()],
  ['a.odt', openDocumentText()],
  ['a.html', Buffer.from(htmlDocument)],
  ['a.md', Buffer.from(markdownDocument)],
  ['a.csv', Buffer.from('name,age\nAnn,3\n"B, C",4\n'.repeat(5))],
]

const outcomes = { read: 0, refused: 0 }
const startRss = process.memoryUsage().rss
let peakRss = 0

/** Tries to read a file; what is thrown must be ours. Gives its reason. */
async function attempt(read: () => Promise<unknown>): Promise<string | null> {
  const error = await read().then(
    () => null,
    (thrown: unknown) => thrown ?? new Error('nothing was thrown'),
  )
  peakRss = Math.max(peakRss, process.memoryUsage().rss)
  if (error === null) outcomes.read++
  else outcomes.refused++
  if (error !== null && !isVivantError(error)) throw new Error('an error that is not ours', { cause: error })
  return error === null ? null : error.message
}

test.each(documents)(`${mutationsOfEach} damaged copies of %s`, async (name, bytes) => {
  const random = seeded(seed)
  for (let round = 0; round < mutationsOfEach; round++) {
    const copy = named(mutate(bytes, random), name)
    await attempt(async () => {
      const found = await Array.fromAsync(chunks(copy, { by: 'tokens', limit: 50 }))
      if (round % 20 === 0) {
        const text = await document.text(copy)
        for (const chunk of found)
          if (text.slice(chunk.start, chunk.end) !== chunk.text) throw new Error(`seed ${seed}, round ${round}: a chunk does not stand where it says`)
      }
    })
    if (name === 'a.pdf' && round % 10 === 0) await attempt(() => Array.fromAsync(pageImages(copy, { width: 100 })))
    if (/xls|ods|csv/.test(name) && round % 5 === 0) await attempt(() => Array.fromAsync(rows(copy)))
    if (round % 10 === 0) await attempt(() => inspectMedia(mutate(bytes, random), 'document', { name }))
  }
})

test('bombs and giants are refused with what was too much', async () => {
  const large = await plain('#336699', 11_000, 10_000).jpeg().toBuffer()
  const refusals: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    ['a PDF that unpacks to 1 GB', () => document.text(bombPdf(1024 ** 3)), /it needs more than the 1024 MB|it takes more than|its text has more/],
    ['a DOCX whose part is larger than it says', () => document.text(lyingArchive()), /too many bytes in the stream/],
    ['a text of 1 GB', () => document.text(blanks(1024)), /has more than 268435456 bytes, and larger ones are not read/],
    ['a text of 200 MB', () => document.text(Buffer.alloc(200 * 1024 ** 2, 'a ')), /its text has more than 67108864 characters/],
    ['HTML nested a million deep', () => document.text(named(`<body>${'<div><table>'.repeat(500_000)}x`, 'a.html')), /it is nested too deeply/],
    ['XML in a DOCX nested deep', () => document.text(zip(nestedWord(50_000))), /nested too deeply|damaged/],
    ['a picture of 900 megapixels', () => inspectMedia(hugePng(30_000, 30_000), 'image'), /more pixels than are allowed/],
  ]
  for (const [what, read, reason] of refusals) {
    const began = performance.now()
    const message = await attempt(read)
    console.log(`${what}: ${message} (${Math.round(performance.now() - began)} ms)`)
    expect([what, message]).toEqual([what, expect.stringMatching(reason)])
  }
  // A picture of 110 megapixels is no bomb: its tiles are cut while it is decoded in bands.
  let count = 0
  for await (const _ of tiles(large, { width: 5000 })) count++
  expect(count).toBe(6)
  peakRss = Math.max(peakRss, process.memoryUsage().rss)
})

async function* blanks(megabytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < megabytes; index++) yield Buffer.alloc(1024 ** 2, ' ')
}

function nestedWord(depth: number): Record<string, string> {
  const namespace = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
  return {
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    '_rels/.rels':
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    'word/document.xml': `<w:document xmlns:w="${namespace}"><w:body>${'<w:sdt><w:sdtContent>'.repeat(depth)}${'</w:sdtContent></w:sdt>'.repeat(depth)}</w:body></w:document>`,
  }
}

afterAll(() => {
  console.log(`seed ${seed}: ${outcomes.read} read, ${outcomes.refused} refused; memory ${mib(startRss)} at the beginning, ${mib(peakRss)} MB at most`)
  expect(outcomes.read + outcomes.refused).toBeGreaterThan(2000)
  expect(outcomes.refused).toBeGreaterThan(500)
  // The largest document, twice: as it came and on its way to the process that reads it.
  expect(mib(peakRss - startRss)).toBeLessThan(1500)
  expect(outcomes.read).toBeGreaterThan(200)
})

function mib(bytes: number): number {
  return Math.round(bytes / 1024 ** 2)
}

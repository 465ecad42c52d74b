import { crc32, deflateSync } from 'node:zlib'
import { zip } from './documents.ts'

/** A PDF of one page whose content is a stream of so many blanks, deflated twice, so that the file is small. */
export function bombPdf(bytes: number): Buffer {
  const block = Buffer.alloc(64 * 1024 ** 2, ' ')
  // Deflated blocks of one text are themselves alike: the second pass makes kilobytes of them.
  const once = deflateSync(Buffer.concat(Array.from({ length: Math.ceil(bytes / block.length / 32) }, () => block)), { level: 9 })
  const stream = deflateSync(once, { level: 9 })
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents[${'4 0 R '.repeat(32)}]>>`,
  ].map((body, index) => Buffer.from(`${index + 1} 0 obj\n${body}\nendobj\n`))
  const content = Buffer.concat([
    Buffer.from(`4 0 obj\n<</Filter[/FlateDecode/FlateDecode]/Length ${stream.length}>>\nstream\n`),
    stream,
    Buffer.from('\nendstream\nendobj\n'),
  ])
  return Buffer.concat([Buffer.from('%PDF-1.4\n'), ...objects, content, Buffer.from('trailer\n<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF\n')])
}

/** A DOCX whose directory says that its text has 100 bytes, of 100 million. */
export function lyingArchive(): Buffer {
  const archive = zip({ '[Content_Types].xml': contentTypes, 'word/document.xml': Buffer.alloc(100_000_000, ' ') })
  archive.writeUInt32LE(100, archive.lastIndexOf('word/document.xml') - 46 + 24)
  return archive
}

const contentTypes =
  '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'

/** A PNG whose header says that it is so large. */
export function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(1_000_000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { MediaKind } from '@vivant/core'
import { describe, expect, test } from 'vitest'
import { hugePng } from '../testing/bombs.ts'
import { drawing, plain, quarters } from '../testing/pictures.ts'
import { temporaryStore } from '../testing/temporary-store.ts'
import { inspectMedia } from './inspect-media.ts'

describe('a good picture', () => {
  test.each([
    ['jpeg', 'image/jpeg', 'jpg'],
    ['png', 'image/png', 'png'],
    ['webp', 'image/webp', 'webp'],
    ['gif', 'image/gif', 'gif'],
    ['avif', 'image/avif', 'avif'],
    ['tiff', 'image/tiff', 'tif'],
  ] as const)('in %s is known by its bytes, whatever it is called', async (format, mimeType, extension) => {
    const bytes = await drawing(60, 40).toFormat(format).toBuffer()
    const metadata = await inspectMedia(bytes, 'image', { name: 'holiday.txt' })
    expect(metadata).toMatchObject({ mimeType, extension, width: 60, height: 40, sizeBytes: bytes.length, durationSeconds: null, pageCount: null })
    expect(metadata.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('with EXIF orientation %i is measured as it is seen', async (orientation) => {
    const bytes = await drawing(60, 40).jpeg().withMetadata({ orientation }).toBuffer()
    const { width, height, details } = await inspectMedia(bytes, 'image')
    expect([width, height]).toEqual(orientation < 5 ? [60, 40] : [40, 60])
    expect(details['orientation']).toBe(orientation)
  })

  test('as SVG is measured in pixels', async () => {
    const svg = Buffer.from(
      '<?xml version="1.0"?><!-- a\ncomment --><!DOCTYPE svg [ <!ENTITY x "y"> ]>\n<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><path d="M0 0h9v9z"/></svg>',
    )
    expect(await inspectMedia(svg, 'image')).toMatchObject({ mimeType: 'image/svg+xml', extension: 'svg', width: 30, height: 20 })
  })

  test('with bytes after its end, as cameras write, passes', async () => {
    const bytes = Buffer.concat([await drawing().jpeg().toBuffer(), randomBytes(500)])
    expect((await inspectMedia(bytes, 'image')).width).toBe(320)
  })

  test('as an animation is decoded frame by frame', async () => {
    const frames = [await plain('#f00').png().toBuffer(), await plain('#00f').png().toBuffer()]
    const { default: sharp } = await import('sharp')
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    expect(await inspectMedia(gif, 'image')).toMatchObject({ width: 16, height: 16, details: { frames: 2 } })
  })

  test('in a file larger than memory allows for is read from the file', async () => {
    await using place = await temporaryStore()
    const path = join(place.folder, 'picture')
    await writeFile(path, await quarters(6))
    expect(await inspectMedia(path, 'image')).toMatchObject({ mimeType: 'image/jpeg', width: 32, height: 32 })
  })
})

describe('a broken picture is MEDIA_INVALID with the reason', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('cut off: %s', async (format) => {
    const bytes = await drawing().toFormat(format).toBuffer()
    await expect(inspectMedia(bytes.subarray(0, bytes.length / 2), 'image')).rejects.toMatchObject({ code: 'MEDIA_INVALID', retryable: false })
  })

  test('cut off in the last bytes', async () => {
    const bytes = await drawing().jpeg().toBuffer()
    await expect(inspectMedia(bytes.subarray(0, -2), 'image', { name: 'cat.jpg' })).rejects.toThrow(
      '"cat.jpg" cannot be stored as image: it is cut off or damaged (',
    )
  })

  test('changed in its midst', async () => {
    const bytes = await drawing().png().toBuffer()
    bytes[bytes.length >> 1]! ^= 0xff
    await expect(inspectMedia(bytes, 'image')).rejects.toThrow('damaged')
  })

  test('empty', async () => {
    await expect(inspectMedia(new Uint8Array(), 'image')).rejects.toThrow('The medium cannot be stored as image: it is empty (0 bytes).')
  })

  test('a text by the name of a picture', async () => {
    await expect(inspectMedia(Buffer.from('hello'), 'image', { name: 'x.jpg' })).rejects.toThrow('its content is text/plain; JPEG, PNG')
  })

  test('noise', async () => {
    await expect(inspectMedia(randomBytes(5000), 'image')).rejects.toThrow('application/octet-stream')
  })

  test('a format that cannot be decoded here', async () => {
    const icon = Buffer.from([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 24, 0, 104, 3, 0, 0, 22, 0, 0, 0])
    await expect(inspectMedia(icon, 'image')).rejects.toThrow('its content is image/x-icon; JPEG, PNG, WebP')
  })

  test('a decompression bomb: refused by its header, before it is decoded', async () => {
    const bomb = hugePng(60_000, 60_000)
    expect(bomb.length).toBeLessThan(10_000)
    const before = process.memoryUsage.rss()
    await expect(inspectMedia(bomb, 'image')).rejects.toThrow('more pixels than are allowed')
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6)
  })

  test('more pixels than the caller allows', async () => {
    const bytes = await plain('#888', 200, 200).png().toBuffer()
    await expect(inspectMedia(bytes, 'image', { limitInputPixels: 39_999 })).rejects.toThrow('limitInputPixels')
    expect((await inspectMedia(bytes, 'image', { limitInputPixels: 40_000 })).width).toBe(200)
  })

  test('an SVG of entities that multiply', async () => {
    const entities = Array.from({ length: 12 }, (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`).join('')
    const svg = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e0 "x">${entities}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&e12;</text></svg>`
    await expect(inspectMedia(Buffer.from(svg), 'image')).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
  })

  test('an SVG of enormous size', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="32000" height="32000"/>')
    await expect(inspectMedia(svg, 'image')).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
  })
})

describe('what a medium is', { timeout: 60_000 }, () => {
  const wav = Buffer.concat([
    Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data\0\0\0\0', 'latin1'),
    Buffer.alloc(64),
  ])
  const mp4 = Buffer.concat([box('ftyp', 'isom\0\0\x02\0isomiso2mp41'), box('moov', '\0'.repeat(100)), box('mdat', 'x'.repeat(500))])
  const pdf = Buffer.from(`%PDF-1.4\n${'x'.repeat(200)}\nstartxref\n9\n%%EOF\n`)

  test.each<[MediaKind, Uint8Array, string, string | undefined]>([
    ['audio', wav, 'audio/wav', undefined],
    ['document', pdf, 'application/pdf', 'x.jpg'],
    ['document', Buffer.from('{\\rtf1 hello}'), 'application/rtf', undefined],
    ['document', Buffer.from('<!DOCTYPE html><html><body>x'), 'text/html', undefined],
    ['document', Buffer.from('<!-- a --><html lang="en">'), 'text/html', undefined],
    ['document', Buffer.from('<?xml version="1.0"?><feed/>'), 'application/xml', undefined],
    ['document', Buffer.from('{"a": [1, 2]}'), 'application/json', 'x.txt'],
    ['document', Buffer.from('{ not json'), 'text/plain', 'x.json'],
    ['document', Buffer.from('# Title\n\ntext'), 'text/markdown', 'README.md'],
    ['document', Buffer.from('# Title\n\ntext'), 'text/plain', undefined],
    ['document', Buffer.from('a,b\n1,2\n'), 'text/csv', 'Data.CSV'],
    ['document', Buffer.from('BMW and MZ are names that begin as bitmaps and programs do'), 'text/plain', undefined],
    ['document', Buffer.from('Grüße aus Köln, this is Windows text'.repeat(9), 'latin1'), 'text/plain', undefined],
    ['document', Buffer.from('\ufeffhello in UTF-16', 'utf16le'), 'text/plain', undefined],
    ['document', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml', undefined],
    ['file', randomBytes(100).fill(0, 0, 8), 'application/octet-stream', 'x.jpg'],
    ['file', Buffer.from('%PDF-1.4 cut off'), 'application/pdf', undefined],
    ['file', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 'image/jpeg', undefined],
  ])('%s: %#', async (kind, bytes, mimeType, name) => {
    expect(await inspectMedia(bytes, kind, { name })).toMatchObject({ mimeType, width: null, height: null })
  })

  test.each<[MediaKind, Uint8Array, string]>([
    ['video', wav, 'its content is audio/wav'],
    ['video', mp4, 'it has no video'],
    ['audio', mp4, 'it has no sound'],
    ['audio', pdf, 'its content is application/pdf'],
    ['document', mp4, 'its content is video/mp4'],
    ['image', mp4, 'its content is video/mp4'],
    ['video', mp4.subarray(0, -100), "it is cut off: the box 'mdat' needs 508 bytes, 408 are left"],
    ['video', mp4.subarray(0, 28), "no 'moov' box"],
    ['document', pdf.subarray(0, 100), 'the end of a PDF file (startxref) is missing'],
    ['file', new Uint8Array(), 'it is empty'],
  ])('%s refuses what does not fit: %#', async (kind, bytes, message) => {
    const error = await inspectMedia(bytes, kind).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'MEDIA_INVALID', message: expect.stringContaining(message) as string })
  })

  test('a text that is longer than what is looked at, cut within a character, is a text', async () => {
    expect(await inspectMedia(Buffer.from(`x${'é'.repeat(70_000)}`), 'document')).toMatchObject({ mimeType: 'text/plain', details: { charset: 'utf-8' } })
  })

  test('an office file is told from any archive, and one that was cut off is refused', async () => {
    const docx = zip(
      '[Content_Types].xml',
      '<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    )
    expect(await inspectMedia(docx, 'document')).toMatchObject({ extension: 'docx' })
    await expect(inspectMedia(docx.subarray(0, -30), 'document')).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    await expect(inspectMedia(zip('a.bin', 'x'), 'document')).rejects.toThrow('application/zip')
  })

  test('a file that is not there is MEDIA_NOT_FOUND', async () => {
    await expect(inspectMedia('/nowhere/cat.jpg', 'image')).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND', message: 'There is no file /nowhere/cat.jpg.' })
  })

  test('an aborted inspection is ABORTED', async () => {
    await expect(inspectMedia(pdf, 'document', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

function box(type: string, body: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + body.length)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, Buffer.from(body, 'latin1')])
}

/** One stored file. */
function zip(name: string, text: string): Buffer {
  const body = Buffer.from(text)
  const local = Buffer.alloc(30)
  local.write('PK\x03\x04', 'latin1')
  local.writeUInt16LE(20, 4)
  local.writeUInt32LE(crc32(body), 14)
  local.writeUInt32LE(body.length, 18)
  local.writeUInt32LE(body.length, 22)
  local.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.write('PK\x01\x02', 'latin1')
  local.copy(entry, 6, 4, 28)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(entry.length + name.length, 12)
  end.writeUInt32LE(local.length + name.length + body.length, 16)
  return Buffer.concat([local, Buffer.from(name), body, entry, Buffer.from(name), end])
}

/** A PNG whose header promises more than its few bytes of data hold. */

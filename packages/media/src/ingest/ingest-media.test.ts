import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { MediaInput, MediaStore } from '@vivant/core'
import { describe, expect, test, vi } from 'vitest'
import { memoryLimitBytes } from '../content/collect-content.ts'
import { createMediaHandle } from '../media-handle.ts'
import { drawing } from '../testing/pictures.ts'
import { keysOf, temporaryStore, type TemporaryStore } from '../testing/temporary-store.ts'
import { ingestMedia, type IngestOptions } from './ingest-media.ts'

const picture = await drawing(40, 30).jpeg().toBuffer()

describe('the same picture, given as', () => {
  test.each<[string, (place: TemporaryStore) => Promise<MediaInput>]>([
    ['a path', async ({ folder }) => join(folder, 'cat.jpg')],
    ['a file URL in a text', async ({ folder }) => pathToFileURL(join(folder, 'cat.jpg')).href],
    ['a file URL', async ({ folder }) => pathToFileURL(join(folder, 'cat.jpg'))],
    ['bytes', async () => new Uint8Array(picture)],
    ['a buffer', async () => picture],
    ['a stream', async () => new Blob([picture]).stream()],
    ['a stream of Node’s', async () => Readable.from([picture])],
    ['a Blob', async () => new Blob([picture], { type: 'text/plain' })],
    ['a File', async () => new File([picture], 'cat.txt')],
  ])('%s, is stored once under its hash', async (_, input) => {
    await using place = await temporaryStore()
    await writeFile(join(place.folder, 'cat.jpg'), picture)
    const first = await ingestMedia(await input(place), 'image', options(place))
    expect(first).toMatchObject({ width: 40, height: 30, mimeType: 'image/jpeg', extension: 'jpg', reference: `vivant://${first.sha256}.jpg` })
    expect(await ingestMedia(await input(place), 'image', options(place))).toEqual(first)
    expect(await keysOf(place.store)).toEqual([`${first.sha256}.jpg`])
  })

  test('a relative path is taken from the working directory', async () => {
    await using place = await temporaryStore()
    await expect(ingestMedia('./no-such-picture.jpg', 'image', options(place))).rejects.toMatchObject({
      code: 'MEDIA_NOT_FOUND',
      message: `There is no file ./no-such-picture.jpg (${join(process.cwd(), 'no-such-picture.jpg')}).`,
    })
  })

  test('a reference, a handle of this store, and a handle of another', async () => {
    await using place = await temporaryStore()
    await using other = await temporaryStore()
    const stored = await ingestMedia(picture, 'image', options(place))
    expect(await ingestMedia(stored.reference, 'image', options(place))).toEqual(stored)
    const handle = createMediaHandle(stored.reference, 'image', { store: place.store, metadata: async () => stored, resolve: async (reference) => reference })
    expect(await ingestMedia(handle, 'image', options(place))).toEqual(stored)
    expect(await ingestMedia(handle, 'image', options(other))).toEqual(stored)
    expect(await keysOf(other.store)).toEqual([`${stored.sha256}.jpg`])
  })
})

describe('an http URL', () => {
  test('is fetched with the caller’s rights, on this machine too, and its name tells Markdown from text', async () => {
    await using place = await temporaryStore()
    await using server = await serve((request, response) => {
      if (request.url === '/old') response.writeHead(301, { location: '/notes.md' }).end()
      else response.end(request.url === '/cat' ? picture : '# Title')
    })
    expect((await ingestMedia(`${server.origin}/cat`, 'image', options(place))).width).toBe(40)
    expect((await ingestMedia(new URL(`${server.origin}/old`), 'document', options(place))).mimeType).toBe('text/markdown')
  })

  test.each([
    [404, 'MEDIA_NOT_FOUND'],
    [403, 'MEDIA_NOT_ALLOWED'],
    [500, 'MEDIA_UNREACHABLE'],
  ])('that answers %i is %s, with the status', async (status, code) => {
    await using place = await temporaryStore()
    await using server = await serve((_, response) => response.writeHead(status).end())
    await expect(ingestMedia(`${server.origin}/x`, 'image', options(place))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`HTTP ${status}`) as string,
      details: { status },
    })
  })

  test('that cannot be reached, or breaks off, is MEDIA_UNREACHABLE', async () => {
    await using place = await temporaryStore()
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '9999' }).write('x')
      setTimeout(() => response.destroy(), 10)
    })
    await expect(ingestMedia('http://127.0.0.1:1/x', 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE', retryable: true })
    await expect(ingestMedia(server.origin, 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE' })
  })

  test('that has too much is refused', async () => {
    await using place = await temporaryStore()
    await using server = await serve((request, response) =>
      request.url === '/said' ? response.end(Buffer.alloc(5000)) : response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(Buffer.alloc(5000)),
    )
    for (const path of ['/said', '/unsaid'])
      await expect(ingestMedia(server.origin + path, 'file', { ...options(place), maxBytes: 4999 })).rejects.toMatchObject({ code: 'MEDIA_TOO_LARGE' })
  })

  test('uses the fetch it is given', async () => {
    await using place = await temporaryStore()
    const fetch = async () => new Response(picture)
    expect((await ingestMedia('https://nowhere.invalid/a', 'image', { ...options(place), fetch })).width).toBe(40)
  })
})

describe('what cannot be taken in says why', () => {
  test.each<[string, MediaInput, string, RegExp]>([
    ['empty bytes', new Uint8Array(), 'MEDIA_INVALID', /empty \(0 bytes\)/],
    ['a stream of text', Readable.from(['text']) as MediaInput, 'MEDIA_INVALID', /The stream gave string, not bytes/],
    ['a data URL', 'data:image/png;base64,AAAA', 'MEDIA_INVALID', /give its bytes/],
    ['a path that is no path', 'x'.repeat(9999), 'MEDIA_INVALID', /too long/],
    ['an empty Blob', new Blob([]), 'MEDIA_INVALID', /empty/],
    ['an empty text', ' ', 'MEDIA_INVALID', /neither a path nor a URL/],
    ['an unknown scheme', 's3://bucket/key', 'MEDIA_INVALID', /s3:\/\/ cannot be read here/],
    ['a folder', tmpdir(), 'MEDIA_INVALID', /is a folder/],
    ['a device', '/dev/zero', 'MEDIA_INVALID', /not a regular file/],
    ['a broken URL', 'https://', 'MEDIA_INVALID', /not a valid URL/],
    ['a number', 5 as unknown as MediaInput, 'MEDIA_INVALID', /not number/],
    ['null', null as unknown as MediaInput, 'MEDIA_INVALID', /not null/],
    ['an object', { a: 1 } as unknown as MediaInput, 'MEDIA_INVALID', /not Object/],
    ['too many bytes', new Uint8Array(2000), 'MEDIA_TOO_LARGE', /more than the 1000 bytes/],
    ['a path below a file', `${process.execPath}/x`, 'MEDIA_NOT_FOUND', /There is no file/],
  ])('%s', async (_, input, code, message) => {
    await using place = await temporaryStore()
    await expect(ingestMedia(input, 'image', { ...options(place), maxBytes: 1000 })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
  })

  test('a pipe is refused, not waited for', async () => {
    await using place = await temporaryStore()
    const path = join(place.folder, 'pipe')
    execFileSync('mkfifo', [path])
    await expect(ingestMedia(path, 'file', options(place))).rejects.toThrow('not a regular file')
  })

  test('a broken picture is named, and neither it nor a temporary file stays', async () => {
    await using place = await temporaryStore()
    await writeFile(join(place.folder, 'broken.jpg'), picture.subarray(0, 300))
    await expect(ingestMedia(join(place.folder, 'broken.jpg'), 'image', options(place))).rejects.toThrow(
      '"broken.jpg" cannot be stored as image: it is cut off',
    )
    expect(await keysOf(place.store)).toEqual([])
  })

  test('an abort is ABORTED, also while a stream is silent', async () => {
    await using place = await temporaryStore()
    const silent = new ReadableStream<Uint8Array>()
    await expect(ingestMedia(silent, 'file', { ...options(place), signal: AbortSignal.timeout(30) })).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describe('a large medium', () => {
  test('goes through a temporary file, which does not stay', async () => {
    await using place = await temporaryStore()
    // Tests beside this one have temporary files of their own.
    vi.stubEnv('TMPDIR', place.folder)
    const chunk = Buffer.alloc(1_000_000, 'large ')
    const stream = ReadableStream.from(Array.from({ length: 20 }, () => chunk)) as ReadableStream<Uint8Array>
    const stored = await ingestMedia(stream, 'document', options(place))
    expect(stored).toMatchObject({ sizeBytes: 20_000_000, mimeType: 'text/plain' })
    const refused = ReadableStream.from(Array.from({ length: 20 }, () => chunk)) as ReadableStream<Uint8Array>
    await expect(ingestMedia(refused, 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    expect(tmpdir()).toBe(place.folder)
    vi.unstubAllEnvs()
    expect((await readdir(place.folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('that changes while it is read is refused', async () => {
    await using place = await temporaryStore()
    const path = join(place.folder, 'growing.txt')
    await writeFile(path, Buffer.alloc(memoryLimitBytes + 1, 'x'))
    // The store is asked after the check: here the file grows in between.
    const store: MediaStore = Object.create(place.store, {
      put: {
        value: async (...[content, put]: Parameters<MediaStore['put']>) => {
          await appendFile(path, 'more')
          return place.store.put(content, put)
        },
      },
    }) as MediaStore
    await expect(ingestMedia(path, 'document', { ...options(place), store })).rejects.toThrow('growing.txt changed while it was read')
  })
})

test('fifty at once, half of them equal', async () => {
  await using place = await temporaryStore()
  await mkdir(join(place.folder, 'in'))
  const inputs = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      drawing(20 + (index % 25), 20)
        .png()
        .toBuffer(),
    ),
  )
  const stored = await Promise.all(inputs.map((bytes) => ingestMedia(bytes, 'image', options(place))))
  expect(stored.map((one) => one.width)).toEqual(inputs.map((_, index) => 20 + (index % 25)))
  expect(await keysOf(place.store)).toHaveLength(25)
})

function options({ store }: TemporaryStore): IngestOptions {
  return { store, maxBytes: 100_000_000 }
}

async function serve(answer: RequestListener): Promise<{ readonly origin: string } & AsyncDisposable> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close }
}

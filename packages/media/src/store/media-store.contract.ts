import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { MediaPutOptions, MediaStore } from '@vivant/core'
import { describe, expect, test } from 'vitest'
import { readAll } from '../content/read-all.ts'

export interface MediaStoreHarness extends AsyncDisposable {
  readonly store: MediaStore
}

const options: MediaPutOptions = { extension: 'bin', mimeType: 'application/octet-stream', maxBytes: 10_000_000 }

/** What every media store must do. `create` gives an empty one. */
export function describeMediaStore(name: string, create: () => Promise<MediaStoreHarness>): void {
  describe(`${name} as a media store`, () => {
    test('what was put is read back, under the hash of its bytes', async () => {
      await using harness = await create()
      const bytes = randomBytes(300_000)
      const stored = await harness.store.put(chunks(bytes, 7_777), { ...options, extension: 'jpg' })
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      expect(stored).toEqual({ key: `${sha256}.jpg`, sha256, sizeBytes: 300_000 })
      expect(await harness.store.has(stored.key)).toBe(true)
      expect(await read(harness.store, stored.key)).toEqual(bytes)
    })

    test('an empty content can be stored', async () => {
      await using harness = await create()
      const { key, sizeBytes } = await harness.store.put(chunks(Buffer.alloc(0)), options)
      expect(sizeBytes).toBe(0)
      expect(await read(harness.store, key)).toHaveLength(0)
    })

    test('putting the same content again is harmless and gives the same key', async () => {
      await using harness = await create()
      const first = await harness.store.put(chunks(Buffer.from('same')), options)
      expect(await harness.store.put(chunks(Buffer.from('same')), options)).toEqual(first)
      expect(await keys(harness.store)).toEqual([first.key])
    })

    test('equal contents put at the same time are stored once', async () => {
      await using harness = await create()
      const bytes = randomBytes(100_000)
      const all = await Promise.all(Array.from({ length: 20 }, () => harness.store.put(chunks(bytes, 1_000), options)))
      expect(new Set(all.map((stored) => stored.key)).size).toBe(1)
      expect(await keys(harness.store)).toEqual([all[0]?.key])
      expect(await read(harness.store, all[0]!.key)).toEqual(bytes)
    })

    test('different contents put at the same time do not disturb each other', async () => {
      await using harness = await create()
      const contents = Array.from({ length: 30 }, () => randomBytes(20_000))
      const stored = await Promise.all(contents.map((bytes) => harness.store.put(chunks(bytes, 500), options)))
      for (const [index, { key }] of stored.entries()) expect(await read(harness.store, key)).toEqual(contents[index])
    })

    test('more bytes than allowed are refused while they stream, and nothing is kept', async () => {
      await using harness = await create()
      let given = 0
      const endless = async function* () {
        for (;;) {
          given += 1000
          yield new Uint8Array(1000)
        }
      }
      await expect(harness.store.put(endless(), { ...options, maxBytes: 5_000 })).rejects.toMatchObject({ code: 'MEDIA_TOO_LARGE' })
      expect(given).toBeLessThan(100_000)
      expect(await keys(harness.store)).toEqual([])
    })

    test('exactly as many bytes as allowed are stored', async () => {
      await using harness = await create()
      const stored = await harness.store.put(chunks(Buffer.alloc(5_000, 1), 1_000), { ...options, maxBytes: 5_000 })
      expect(stored.sizeBytes).toBe(5_000)
    })

    test('an aborted put ends although its source is silent, and keeps nothing', async () => {
      await using harness = await create()
      const controller = new AbortController()
      const silent = async function* () {
        yield new Uint8Array(10)
        await new Promise(() => {})
      }
      setTimeout(() => controller.abort(), 20)
      await expect(harness.store.put(silent(), { ...options, signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
      expect(await keys(harness.store)).toEqual([])
    })

    test('a source that fails leaves nothing, and its error is the one that is thrown', async () => {
      await using harness = await create()
      const failing = async function* () {
        yield new Uint8Array(10)
        throw new Error('the line went dead')
      }
      await expect(harness.store.put(failing(), options)).rejects.toThrow('the line went dead')
      expect(await keys(harness.store)).toEqual([])
    })

    test('a key that is not there: MEDIA_NOT_FOUND, and has says no', async () => {
      await using harness = await create()
      const key = `${'a'.repeat(64)}.jpg`
      expect(await harness.store.has(key)).toBe(false)
      await expect(harness.store.get(key)).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND', retryable: false })
      await expect(harness.store.localFile(key)).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
    })

    test.each([
      '../../etc/passwd',
      '/etc/passwd',
      'a.jpg',
      'a'.repeat(64),
      `${'A'.repeat(64)}.jpg`,
      `${'a'.repeat(64)}.j/g`,
      `${'a'.repeat(64)}.jpg\0`,
      `../${'a'.repeat(61)}.jpg`,
      `${'a'.repeat(64)}...`,
    ])('the key %j is refused', async (key) => {
      await using harness = await create()
      await expect(harness.store.get(key)).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
      await expect(harness.store.has(key)).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
      await expect(harness.store.delete(key)).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
      await expect(harness.store.localFile(key)).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
      await expect(harness.store.url(key)).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    })

    test.each(['', '../x', 'J PG', '.jpg', 'a'.repeat(17)])('the extension %j is refused', async (extension) => {
      await using harness = await create()
      await expect(harness.store.put(chunks(Buffer.from('x')), { ...options, extension })).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    })

    test('localFile gives a path with the bytes', async () => {
      await using harness = await create()
      const bytes = randomBytes(1_000)
      const { key } = await harness.store.put(chunks(bytes), options)
      await using file = await harness.store.localFile(key)
      expect(await readFile(file.path)).toEqual(bytes)
    })

    test('url gives an absolute URL', async () => {
      await using harness = await create()
      const { key } = await harness.store.put(chunks(Buffer.from('x')), options)
      expect(new URL(await harness.store.url(key)).pathname).toContain(key)
    })

    test('list gives every key with size and time; delete removes one, twice is harmless', async () => {
      await using harness = await create()
      const first = await harness.store.put(chunks(Buffer.from('one')), options)
      const second = await harness.store.put(chunks(Buffer.from('three')), options)
      const listed = []
      for await (const entry of harness.store.list()) listed.push(entry)
      expect(new Map(listed.map((entry) => [entry.key, entry.sizeBytes]))).toEqual(
        new Map([
          [first.key, 3],
          [second.key, 5],
        ]),
      )
      for (const entry of listed) expect(Math.abs(Date.now() - entry.storedAt.getTime())).toBeLessThan(60_000)
      await harness.store.delete(first.key)
      await harness.store.delete(first.key)
      expect(await keys(harness.store)).toEqual([second.key])
    })

    test('a stream that is cancelled half-way does not harm the next reader', async () => {
      await using harness = await create()
      const bytes = randomBytes(2_000_000)
      const { key } = await harness.store.put(chunks(bytes), options)
      const reader = (await harness.store.get(key)).getReader()
      await reader.read()
      await reader.cancel()
      expect(await read(harness.store, key)).toEqual(bytes)
    })
  })
}

export async function* chunks(bytes: Uint8Array, size: number = 65_536): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < bytes.byteLength; offset += size) yield bytes.subarray(offset, offset + size)
}

async function read(store: MediaStore, key: string): Promise<Buffer> {
  return Buffer.from(await readAll(await store.get(key)))
}

export async function keys(store: MediaStore): Promise<string[]> {
  const found: string[] = []
  for await (const entry of store.list()) found.push(entry.key)
  return found.toSorted()
}

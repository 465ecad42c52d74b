import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MediaPutOptions, MediaStore } from '@vivant/core'
import { expect, test } from 'vitest'
import { readAll } from '../../content/read-all.ts'
import { createFolderStore } from '../folder-store.ts'
import { chunks, describeMediaStore } from '../media-store.contract.ts'
import { CachedStore } from './cached-store.ts'
import { MediaCache } from './media-cache.ts'

const options: MediaPutOptions = { extension: 'bin', mimeType: 'application/octet-stream', maxBytes: 1_000_000 }

describeMediaStore('a store behind a cache', () => openStore(10_000_000))
describeMediaStore('a store behind a cache without room', () => openStore(0))

test('what was written or read is read from this machine', async () => {
  await using at = await openStore(1_000_000)
  const { key } = await at.store.put(chunks(Buffer.from('hello')), options)
  await readAll(await at.store.get(key))
  await using _ = await at.store.localFile(key)
  expect(at.reads).toBe(0)
  const other = await at.far.put(chunks(Buffer.from('other')), options)
  expect(Buffer.from(await readAll(await at.store.get(other.key))).toString()).toBe('other')
  expect(Buffer.from(await readAll(await at.store.get(other.key))).toString()).toBe('other')
  expect(at.reads).toBe(1)
})

test('the folder never holds more than the bound; what was used longest ago goes first', async () => {
  await using at = await openStore(100_000)
  const stored: string[] = []
  for (let number = 0; number < 6; number++) {
    stored.push((await at.store.put(chunks(randomBytes(20_000)), options)).key)
    // Times of files are what the order is told by.
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (number === 4) await readAll(await at.store.get(stored[0]!))
    expect(await at.cachedBytes()).toBeLessThanOrEqual(100_000)
  }
  expect(await at.cached()).toEqual(stored.filter((_, index) => index !== 1).toSorted())
})

test('many readers at once stay within the bound, and all get what they asked for', async () => {
  await using at = await openStore(100_000)
  const stored = await Promise.all(Array.from({ length: 40 }, () => at.far.put(chunks(randomBytes(15_000)), options)))
  let most = 0
  await Promise.all(
    stored.map(async ({ key, sha256 }) => {
      await using file = await at.store.localFile(key)
      most = Math.max(most, await at.cachedBytes())
      expect(sha256Of(await readFile(file.path))).toBe(sha256)
    }),
  )
  expect(most).toBeLessThanOrEqual(100_000)
})

test('a file that is in use stays, though the cache needs its room; then it goes', async () => {
  await using at = await openStore(50_000)
  const first = await at.store.put(chunks(randomBytes(40_000)), options)
  {
    await using file = await at.store.localFile(first.key)
    const second = await at.store.put(chunks(randomBytes(40_000)), options)
    await using other = await at.store.localFile(second.key)
    expect([(await stat(file.path)).size, (await stat(other.path)).size]).toEqual([40_000, 40_000])
  }
  expect(await readdir(join(at.cache, '.lent'))).toEqual([])
  expect(await readdir(join(at.cache, '.parts'))).toEqual([])
  const third = await at.store.put(chunks(randomBytes(40_000)), options)
  expect(await at.cached()).toEqual([third.key])
})

test('several that need a file at once fetch it once', async () => {
  await using at = await openStore(1_000_000)
  const { key } = await at.far.put(chunks(randomBytes(200_000)), options)
  const files = await Promise.all(Array.from({ length: 10 }, () => at.store.localFile(key)))
  expect(at.reads).toBe(1)
  await Promise.all(files.map((file) => file[Symbol.asyncDispose]()))
})

test('half a read leaves no copy, and a cache that cannot be written is passed by', async () => {
  await using at = await openStore(10_000_000)
  const { key } = await at.far.put(chunks(randomBytes(900_000)), options)
  const reader = (await at.store.get(key)).getReader()
  await reader.read()
  await reader.cancel()
  expect(await at.cached()).toEqual([])
  await writeFile(join(at.cache, '..', 'file'), '')
  const broken = new CachedStore(at.far, new MediaCache({ folder: join(at.cache, '..', 'file', 'cache'), maxBytes: 1000 }))
  const bytes = randomBytes(500)
  const stored = await broken.put(chunks(bytes), options)
  expect(Buffer.compare(Buffer.from(await readAll(await broken.get(stored.key))), bytes)).toBe(0)
  await using file = await broken.localFile(stored.key)
  expect(await readFile(file.path)).toEqual(bytes)
})

async function openStore(maxBytes: number) {
  const folder = await mkdtemp(join(tmpdir(), 'vivant-cache-'))
  const cache = join(folder, 'cache')
  const far = createFolderStore(join(folder, 'far'))
  const counted = { reads: 0 }
  const counting = Object.create(far, {
    get: { value: (...args: Parameters<MediaStore['get']>) => (counted.reads++, far.get(...args)) },
    localFile: { value: (key: string) => (counted.reads++, far.localFile(key)) },
  }) as MediaStore
  for (const name of ['put', 'has', 'url', 'delete', 'list', 'claim'] as const)
    Object.defineProperty(counting, name, { value: (far[name] as (...args: unknown[]) => unknown).bind(far) })
  const cached = async (): Promise<string[]> => (await readdir(cache)).filter((name) => !name.startsWith('.')).toSorted()
  return {
    far,
    cache,
    cached,
    store: new CachedStore(counting, new MediaCache({ folder: cache, maxBytes })),
    get reads() {
      return counted.reads
    },
    cachedBytes: async (): Promise<number> => {
      const sizes = [...(await cached()), ...(await readdir(join(cache, '.parts'))).map((name) => join('.parts', name))].map((name) =>
        stat(join(cache, name)).then(
          (found) => found.size,
          () => 0,
        ),
      )
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

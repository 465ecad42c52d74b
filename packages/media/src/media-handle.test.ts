import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { VivantError } from '@vivant/core'
import { expect, test } from 'vitest'
import { readAll } from './content/read-all.ts'
import { ingestMedia } from './ingest/ingest-media.ts'
import { createMediaHandle, type MediaEnvironment } from './media-handle.ts'
import { temporaryStore, type TemporaryStore } from './testing/temporary-store.ts'

const text = Buffer.from('hello, handle')

test('a handle gives its bytes, a stream, a file, a URL and its metadata', async () => {
  await using place = await temporaryStore()
  const { handle, stored } = await handleOf(place)
  expect(Buffer.from(await handle.bytes())).toEqual(text)
  expect(Buffer.from(await readAll(await handle.stream()))).toEqual(text)
  await handle.save(join(place.folder, 'saved.txt'))
  expect(await readFile(join(place.folder, 'saved.txt'))).toEqual(text)
  expect(await readFile(new URL(await handle.url()))).toEqual(text)
  expect(await handle.metadata()).toEqual(stored)
})

test('its methods can be passed on without it', async () => {
  await using place = await temporaryStore()
  const { bytes } = (await handleOf(place)).handle
  expect(Buffer.from(await bytes())).toEqual(text)
})

test('a kept URL is resolved when it is first needed, once', async () => {
  await using place = await temporaryStore()
  const { stored } = await handleOf(place)
  let resolved = 0
  const resolve = async (reference: string, kind: string) => {
    resolved++
    expect([reference, kind]).toEqual(['https://example.com/a.txt', 'document'])
    return stored.reference
  }
  const handle = createMediaHandle('https://example.com/a.txt', 'document', { store: place.store, metadata: async () => stored, resolve })
  expect(handle.reference).toBe('https://example.com/a.txt')
  expect(resolved).toBe(0)
  await Promise.all([handle.bytes(), handle.bytes(), handle.metadata()])
  expect(resolved).toBe(1)
})

test('a URL that could not be reached is tried again at the next call', async () => {
  await using place = await temporaryStore()
  const { stored } = await handleOf(place)
  let attempts = 0
  const resolve = async () => {
    if (attempts++ === 0) throw new VivantError('MEDIA_UNREACHABLE', 'down')
    return stored.reference
  }
  const handle = createMediaHandle('https://example.com/a.txt', 'document', { store: place.store, metadata: async () => stored, resolve })
  await expect(handle.bytes()).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE' })
  expect(Buffer.from(await handle.bytes())).toEqual(text)
})

test('a medium that has gone is MEDIA_NOT_FOUND, and what stood at the path of a failed save stays', async () => {
  await using place = await temporaryStore()
  const { handle, stored } = await handleOf(place)
  await place.store.delete(stored.reference.slice('vivant://'.length))
  await writeFile(join(place.folder, 'saved.txt'), 'older')
  await expect(handle.bytes()).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
  await expect(handle.save(join(place.folder, 'saved.txt'))).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
  expect(await readFile(join(place.folder, 'saved.txt'), 'utf8')).toBe('older')
})

test('a save to where nothing can be written says so and leaves nothing', async () => {
  await using place = await temporaryStore()
  const { handle } = await handleOf(place)
  await expect(handle.save(join(place.folder, 'none', 'saved.txt'))).rejects.toThrow('ENOENT')
  await expect(handle.save(join(place.folder, 'media'))).rejects.toThrow()
  expect(await readdir(place.folder)).toEqual(['media'])
})

test('a handle prints and serializes as what it names', async () => {
  await using place = await temporaryStore()
  const { handle, stored } = await handleOf(place)
  expect(inspect({ notes: handle }, { breakLength: Infinity })).toBe(`{ notes: Document(${stored.reference}) }`)
  expect(JSON.stringify({ notes: handle })).toBe(`{"notes":"${stored.reference}"}`)
  expect(String(handle as unknown)).toBe(stored.reference)
})

async function handleOf({ store }: TemporaryStore) {
  const stored = await ingestMedia(text, 'document', { store, maxBytes: 1000 })
  const environment: MediaEnvironment = { store, metadata: async () => stored, resolve: () => Promise.reject(new Error('it was resolved')) }
  return { stored, handle: createMediaHandle(stored.reference, 'document', environment) }
}

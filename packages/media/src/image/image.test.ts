import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ingestMedia } from '../ingest/ingest-media.ts'
import { createMediaHandle } from '../media-handle.ts'
import { drawing } from '../testing/pictures.ts'
import { temporaryStore } from '../testing/temporary-store.ts'
import { appearance } from './appearance-embedding.ts'
import { image } from './image.ts'

const jpeg = await drawing().jpeg().toBuffer()

const { appearance: _, ...rest } = image
const functions = Object.values(rest)

test('every function has a name, a version of its own and the types that are declared', () => {
  const described = functions.map(({ definition }) => [definition.name, definition.inputs.length, definition.output.type.kind])
  expect(described).toEqual([
    ['image.resize', 2, 'image'],
    ['image.thumbnail', 2, 'image'],
    ['image.crop', 2, 'image'],
    ['image.rotate', 2, 'image'],
    ['image.convert', 2, 'image'],
    ['image.metadata', 1, 'record'],
    ['image.mean_luma', 1, 'float'],
    ['image.blur', 2, 'image'],
    ['image.sharpen', 2, 'image'],
    ['image.threshold', 2, 'image'],
    ['image.composite', 3, 'image'],
    ['image.annotate', 3, 'image'],
    ['image.histogram', 2, 'record'],
    ['image.dominant_colors', 2, 'json'],
    ['image.exif', 1, 'record'],
    ['image.perceptual_hash', 1, 'text'],
    ['image.hash_distance', 2, 'int'],
    ['image.appearance', 1, 'vector'],
  ])
  expect(new Set(functions.map(({ definition }) => definition.hash)).size).toBe(functions.length)
})

test('called with values, a function runs: a handle, bytes, a path, a Blob', async () => {
  await using place = await temporaryStore()
  const path = join(place.folder, 'cat.jpg')
  await writeFile(path, jpeg)
  const stored = await ingestMedia(jpeg, 'image', { store: place.store, maxBytes: 1_000_000 })
  const handle = createMediaHandle(stored.reference, 'image', { store: place.store, metadata: async () => stored, resolve: async (reference) => reference })
  for (const picture of [handle, jpeg, path, new Blob([jpeg])]) {
    expect(await image.metadata(picture)).toMatchObject({ format: 'jpeg', width: 320, height: 240, orientation: null })
  }
})

test('a chain of functions: a smaller picture has the same brightness and look', async () => {
  const thumb = await image.thumbnail(await image.convert(await image.resize(jpeg, { width: 160 }), { format: 'png' }), { size: 100 })
  expect(Math.abs((await image.meanLuma(thumb)) - (await image.meanLuma(jpeg)))).toBeLessThan(3)
  const [a, b] = await Promise.all([image.appearanceVector(thumb), image.appearanceVector(jpeg)])
  expect(a.reduce((sum, value, index) => sum + value * b[index]!, 0)).toBeGreaterThan(0.95)
  expect(await image.metadata(await image.rotate(await image.crop(jpeg, { left: 0, top: 0, width: 30, height: 10 }), { degrees: 90 }))).toMatchObject({
    width: 10,
    height: 30,
  })
})

test('what fails, fails with its code', async () => {
  await expect(image.resize(jpeg.subarray(0, 500), { width: 9 })).rejects.toMatchObject({ code: 'MEDIA_INVALID', retryable: false })
  await expect(image.resize(jpeg, {})).rejects.toMatchObject({ code: 'VALUE_INVALID', retryable: false })
  await expect(image.meanLuma('./no-such.jpg')).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
})

test('the embedding model embeds pictures and is asked with pictures', () => {
  const { definition } = appearance()
  expect(definition).toMatchObject({ name: 'image.appearance', dimensions: 198 })
  expect(definition.embed).toBe(image.appearanceVector.definition)
  expect(definition.embedQuery).toBe(definition.embed)
})

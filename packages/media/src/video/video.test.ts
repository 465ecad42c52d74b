import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findDecoder } from './decoder/find-decoder.ts'
import type { FrameOptions } from './frame-options.ts'
import { frameIterator } from './frame-iterator.ts'
import { rangesOf } from './video-segments.ts'
import { video } from './video.ts'

const size = { width: 64, height: 48 }
/** Two scenes: 20 frames of red, then 20 of blue, at 10 a second. */
const scenes = [
  [200, 20, 20],
  [20, 20, 200],
] as const

let folder: string
let film: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vivant-video-'))
  film = join(folder, 'film.mp4')
  await (await findDecoder()).writeFilm(film, { video: { size, rate: 10, quality: 20, frames: colours() } })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function* colours(): AsyncGenerator<Uint8Array, void, undefined> {
  for (const colour of scenes) for (let frame = 0; frame < 20; frame++) yield Buffer.alloc(size.width * size.height * 3, Uint8Array.from(colour))
}
async function isBlue(picture: Uint8Array): Promise<boolean> {
  const { dominant } = await sharp(picture).stats()
  return dominant.b > dominant.r
}
const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error

describe('functions over a video', { timeout: 60_000 }, () => {
  test('its metadata, pictures at times, and where its scenes change', async () => {
    expect(await video.metadata(film)).toMatchObject({
      durationSeconds: 4,
      width: 64,
      height: 48,
      frameRate: 10,
      codec: 'h264',
      frameCount: 40,
      audioCodec: null,
    })
    expect(await isBlue(await video.thumbnail(film, { at: 1.9 }))).toBe(false)
    const late = await video.thumbnail(film, { at: 2, size: 32, format: 'png' })
    expect(await isBlue(late)).toBe(true)
    expect(await sharp(late).metadata()).toMatchObject({ format: 'png', width: 32, height: 24 })
    expect(await video.sceneChanges(film)).toEqual([2])
    await expect(video.thumbnail(film, { at: 4.1 })).rejects.toEqual(code('VALUE_INVALID'))
    await expect(video.extractAudio(film)).rejects.toThrow('it has no sound')
  })

  test('a part of it, and a film made of pictures', async () => {
    const clip = await video.clip(film, { start: 1.5, end: 2.5 })
    expect(await video.metadata(clip)).toMatchObject({ durationSeconds: 1, frameCount: 10 })
    expect(await video.sceneChanges(clip)).toEqual([0.5])
    await expect(video.clip(film, { start: 5 })).rejects.toEqual(code('VALUE_INVALID'))
    const made = await video.fromFrames([await video.thumbnail(film, { at: 0 }), await video.thumbnail(film, { at: 3 })], { fps: 2 })
    expect(await video.metadata(made)).toMatchObject({ durationSeconds: 1, width: 64, height: 48, frameRate: 2, frameCount: 2 })
    await expect(video.fromFrames([])).rejects.toEqual(code('VALUE_INVALID'))
  })

  test('a text by the name of a video', async () => {
    const path = join(folder, 'text.mp4')
    await writeFile(path, 'no video at all')
    await expect(video.metadata(path)).rejects.toEqual(code('MEDIA_INVALID'))
  })
})

describe('frameIterator', { timeout: 60_000 }, () => {
  const indexes = async (options: FrameOptions): Promise<readonly number[]> => (await Array.fromAsync(frameIterator(film, options))).map(({ index }) => index)

  test.each([
    [{ fps: 1 }, [0, 10, 20, 30]],
    [{ every: 13 }, [0, 13, 26, 39]],
    [{ count: 3 }, [0, 20, 39]],
    [{ count: 1 }, [0]],
    [{ timestamps: [2.05, 0, 3.95] }, [0, 20, 39]],
  ])('gives exactly the frames of %j', async (options, expected) => {
    expect(await indexes(options)).toEqual(expected)
  })

  test('gives pictures of the right frames where it is called by itself', async () => {
    const [before, after] = await Array.fromAsync(frameIterator(film, { timestamps: [1.95, 2], store: 'webp' }))
    expect([await isBlue(before!.frame as Uint8Array), await isBlue(after!.frame as Uint8Array)]).toEqual([false, true])
    expect(after).toMatchObject({ index: 20, timestamp: 2 })
    expect((await sharp(after!.frame as Uint8Array).metadata()).format).toBe('webp')
  })

  test.each([
    { fps: 0 },
    { every: 1.5 },
    { count: 0 },
    { fps: 1, count: 2 },
    { timestamps: [-1] },
    { timestamps: [9] },
    { store: 'gif' as never },
    { typo: 1 } as object,
  ])('refuses %j', async (options) => {
    await expect(Array.fromAsync(frameIterator(film, options))).rejects.toEqual(code('VALUE_INVALID'))
  })
})

test('segments cover the whole, and none lies within the one before', () => {
  expect([...rangesOf(10, { seconds: 4 })]).toEqual([
    { start: 0, end: 4 },
    { start: 4, end: 8 },
    { start: 8, end: 10 },
  ])
  expect([...rangesOf(8, { seconds: 4, overlap: 1 })].map(({ start }) => start)).toEqual([0, 3, 6])
  expect([...rangesOf(8, { seconds: 4 })]).toHaveLength(2)
  expect([...rangesOf(3, { seconds: 4, overlap: 2 })]).toEqual([{ start: 0, end: 3 }])
  expect(() => [...rangesOf(3, { seconds: 1, overlap: 1 })]).toThrow('overlap')
})

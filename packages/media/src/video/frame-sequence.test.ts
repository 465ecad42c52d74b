import { expect, test } from 'vitest'
import type { FrameRequest, VideoDecoder } from './decoder/video-decoder.ts'
import { FrameSequence } from './frame-sequence.ts'
import type { OpenVideo } from './frame-stamps.ts'

const frameBytes = 3
const video = { width: 1, height: 1, timeBase: { num: 1, den: 25 } } as OpenVideo['video']

/** A sequence over a decoder that gives ten frames, each one pixel with its number, and notes its passes. */
function sequenceOf({ heldBytes = 1000, idleMs = 1000, breaksAt = Infinity } = {}) {
  const passes: (readonly number[])[] = []
  const open = { running: 0 }
  const decoder = {
    async *readFrames(_: string, { select }: FrameRequest) {
      const wanted = select && 'index' in select ? select.index : []
      passes.push(wanted)
      open.running++
      try {
        for (const index of wanted) {
          if (index >= breaksAt) throw new Error('broken')
          if (index < 10) yield { pts: index, isKeyFrame: false, data: Uint8Array.of(index, 0, 0) }
          await Promise.resolve()
        }
      } finally {
        open.running--
      }
    },
  } as unknown as VideoDecoder
  const sequence = new FrameSequence({
    open: async () => ({ decoder, path: '', probe: { format: 'test', startSeconds: 0 } as OpenVideo['probe'], video, [Symbol.asyncDispose]: async () => {} }),
    signal: new AbortController().signal,
    heldBytes,
    idleMs,
  })
  const expectFrames = (...indexes: number[]): void => indexes.forEach((index) => sequence.expect({ index, pts: null }))
  const read = async (index: number): Promise<number> => (await sequence.read({ index, pts: null })).data[0]!
  return { expectFrames, read, passes, open }
}

test('expected frames come in one pass, to any number of readers', async () => {
  const { expectFrames, read, passes } = sequenceOf()
  expectFrames(1, 4, 7, 9)
  expectFrames(1, 4, 7, 9)
  const first = Promise.all([1, 4, 7, 9].map(read))
  const second = (async () => [await read(1), await read(4), await read(7), await read(9)])()
  expect([await first, await second]).toEqual([
    [1, 4, 7, 9],
    [1, 4, 7, 9],
  ])
  expect(passes).toEqual([[1, 4, 7, 9]])
})

test('a frame that has gone by takes another pass, and one that nobody expects as well', async () => {
  const { expectFrames, read, passes } = sequenceOf()
  expectFrames(2, 5)
  expect([await read(2), await read(5), await read(2), await read(0)]).toEqual([2, 5, 2, 0])
  expect(passes).toEqual([[2, 5], [2], [0]])
})

test('no more is held than allowed, in whatever order frames are read', async () => {
  const { expectFrames, read, passes } = sequenceOf({ heldBytes: 2 * frameBytes })
  expectFrames(0, 1, 2, 3, 4, 5)
  expect(await read(0)).toBe(0)
  expect(await read(5)).toBe(5)
  expect([await read(3), await read(4), await read(1), await read(2)]).toEqual([3, 4, 1, 2])
  expect(passes.length).toBeLessThanOrEqual(4)
})

test('what is not in the video fails alone', async () => {
  const { expectFrames, read } = sequenceOf()
  expectFrames(8, 12)
  const missing = read(12)
  await expect(missing).rejects.toMatchObject({ code: 'MEDIA_INVALID', details: { frame: 12 } })
  expect(await read(8)).toBe(8)
})

test('a decoder that breaks fails whoever waits, and nobody after', async () => {
  const { expectFrames, read } = sequenceOf({ breaksAt: 3 })
  expectFrames(1, 2, 3, 4)
  const results = await Promise.allSettled([1, 2, 3, 4].map(read))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  expect(await read(2)).toBe(2)
})

test('a decoder from which nobody reads is ended', async () => {
  const { expectFrames, read, open } = sequenceOf({ heldBytes: frameBytes, idleMs: 20 })
  expectFrames(0, 1, 2, 3)
  await read(0)
  await expect.poll(() => open.running, { timeout: 5000 }).toBe(0)
  expect(await read(3)).toBe(3)
})

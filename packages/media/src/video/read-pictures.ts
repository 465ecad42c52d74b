import type { DecodeOptions } from './decoder/video-decoder.ts'
import { type OpenVideo, secondsOf } from './frame-stamps.ts'
import type { RgbFrame } from './rgb-frame.ts'

/** A wanted frame: by its number, and by its place in the stream if that is known. */
export interface WantedFrame {
  readonly index: number
  readonly pts: number | null
}

/** Containers whose index of key frames can be relied on. In others decoding begins at the beginning. */
const seekable = /\b(mov|mp4|matroska|webm)\b/
/** Decoding so much is faster than a look at the index. */
const seekFromSeconds = 5
/** The key frame before the one that is sought first: pictures that lean on both sides of a key frame are whole then. */
const seekMarginSeconds = 1

/**
 * Frames with their pixels in one sequential decode, in the order of their numbers; what is named twice comes once, what
 * is not found is left out. One far from the beginning is sought by its place.
 */
export async function* readPictures(
  open: OpenVideo,
  wanted: readonly WantedFrame[],
  options: DecodeOptions,
): AsyncGenerator<{ readonly index: number; readonly picture: RgbFrame }, void, undefined> {
  const { video, decoder, path, probe } = open
  const unique = [...new Map(wanted.map((frame) => [frame.index, frame])).values()].toSorted((left, right) => left.index - right.index)
  if (unique.length === 0) return
  const { width, height } = video
  const first = unique[0]!
  const seekSeconds = first.pts === null ? 0 : secondsOf(open, first.pts)
  const seeks = seekSeconds > seekFromSeconds && seekable.test(probe.format) && unique.every(({ pts }) => pts !== null)
  const request = { video, size: { width, height } }
  if (!seeks) {
    let next = 0
    for await (const { data } of decoder.readFrames(path, { ...request, select: { index: unique.map(({ index }) => index) } }, options)) {
      yield { index: unique[next++]!.index, picture: { data, width, height } }
    }
    return
  }
  const byPts = new Map(unique.map(({ pts, index }) => [pts!, index]))
  const pts = [...byPts.keys()].toSorted((left, right) => left - right)
  const from = seekSeconds + probe.startSeconds - seekMarginSeconds
  for await (const frame of decoder.readFrames(path, { ...request, select: { pts }, seekSeconds: from }, options)) {
    const index = byPts.get(frame.pts)
    if (index === undefined) continue
    byPts.delete(frame.pts)
    yield { index, picture: { data: frame.data, width, height } }
  }
}

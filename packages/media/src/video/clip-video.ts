import type { MediaInput } from '@vivant/core'
import type { DecodedFrame } from './decoder/video-decoder.ts'
import { type OpenVideo, secondsOf } from './frame-stamps.ts'
import { openMediaFile, openVideo } from './open-video.ts'
import { checkRange, type TimeRange } from './time-range.ts'
import { withOutput } from './with-output.ts'

export interface ClipOptions extends TimeRange {
  /** Of H.264: 0 (best) to 51. Default 23. */
  readonly quality?: number
}

const defaultQuality = 23
/** For a video that does not say how many frames a second it has. */
const defaultRate = 25
/** A clip that begins later than this is decoded from a key frame before. */
const seekFromSeconds = 5

/**
 * A part of a video with its sound as an MP4 (H.264), exact to the frame. Of a variable frame rate the average is kept, by
 * leaving out frames and showing others twice.
 *
 * @throws VALUE_INVALID no such range; MEDIA_INVALID
 * @example await clipVideo('./holiday.mp4', { start: 10, end: 15.5 })
 */
export async function clipVideo(input: MediaInput, options: ClipOptions, signal?: AbortSignal): Promise<Uint8Array> {
  await using file = await openMediaFile(input, signal)
  const open = await openVideo(file.path, { signal })
  return await clipOpen(open, options, signal)
}

/** The same of a video that is open. */
export async function clipOpen(open: OpenVideo, options: ClipOptions, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { decoder, probe, video, path } = open
  checkRange(options, probe.durationSeconds)
  const { start = 0, end = probe.durationSeconds ?? Infinity, quality = defaultQuality } = options
  const { width, height } = video
  const rate = video.frameRate ?? defaultRate
  const sound = probe.audio ? { sound: { path, start, ...(Number.isFinite(end) ? { end } : {}) } } : {}
  return withOutput('mp4', (output) =>
    decoder.writeFilm(
      output,
      { video: { size: { width, height }, rate, quality, frames: framesAtRate(open, { start, end, rate }, signal) }, ...sound },
      { signal },
    ),
  )
}

/** One frame for each 1/rate second: the last that began by then. */
async function* framesAtRate(
  open: OpenVideo,
  { start, end, rate }: Required<TimeRange> & { readonly rate: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { decoder, path, video, probe } = open
  const half = 0.5 / rate
  /** Whether the next frame is shown before a time, to half a frame. */
  const isDue = (written: number, before: number): boolean => start + written / rate < before - half
  const seek = start > seekFromSeconds ? { seekSeconds: start - 1 + probe.startSeconds } : {}
  const frames = decoder.readFrames(path, { video, size: { width: video.width, height: video.height }, ...seek }, { signal })
  let shown: DecodedFrame | undefined
  let written = 0
  for await (const frame of frames) {
    const seconds = secondsOf(open, frame.pts)
    if (shown) for (; isDue(written, Math.min(seconds, end)); written++) yield shown.data
    shown = frame
    if (seconds >= end - half) return
  }
  if (!shown) return
  // The last frame is shown as long as each of the others.
  const last = secondsOf(open, shown.pts) + 1 / rate
  for (; isDue(written, Math.min(last, end)); written++) yield shown.data
}

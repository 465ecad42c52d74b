import { type MediaInput, VivantError } from '@vivant/core'
import { invalidMedium } from './decoder/media-process.ts'
import { secondsOf } from './frame-stamps.ts'
import { openMediaFile, openVideo } from './open-video.ts'
import { encodeFrame, type FrameFormat, type RgbFrame } from './rgb-frame.ts'

export interface ThumbnailAtOptions {
  /** Seconds from the beginning. Default: a tenth of the video, since many begin black. */
  readonly at?: number
  /** The longer side in pixels; never larger than the video. Default 320. */
  readonly size?: number
  /** Default `'jpeg'`. */
  readonly format?: FrameFormat
}

const seekFromSeconds = 5

/**
 * What a video shows at a time, as a picture.
 *
 * @throws VALUE_INVALID a time behind the end; MEDIA_INVALID
 * @example await thumbnailAt('./holiday.mp4', { at: 12.5 })
 */
export async function thumbnailAt(input: MediaInput, options: ThumbnailAtOptions = {}, signal?: AbortSignal): Promise<Uint8Array> {
  await using file = await openMediaFile(input, signal)
  const open = await openVideo(file.path, { signal })
  const { video, probe, decoder } = open
  const { at = (probe.durationSeconds ?? 0) / 10, size = 320, format = 'jpeg' } = options
  if (!(Number.isInteger(size) && size >= 1)) throw new VivantError('VALUE_INVALID', `size must be a whole number of pixels from 1 on, not ${size}.`)
  if (!(Number.isFinite(at) && at >= 0)) throw new VivantError('VALUE_INVALID', `at must be a number of seconds from 0 on, not ${at}.`)
  if (probe.durationSeconds !== null && at > probe.durationSeconds) {
    throw new VivantError('VALUE_INVALID', `There is no frame at ${at} s: the video ends at ${probe.durationSeconds} s.`)
  }
  const scale = Math.min(1, size / Math.max(video.width, video.height))
  const box = { width: Math.max(1, Math.round(video.width * scale)), height: Math.max(1, Math.round(video.height * scale)) }
  const seek = at > seekFromSeconds ? { seekSeconds: at - 1 + probe.startSeconds } : {}
  let shown: RgbFrame | undefined
  for await (const { pts, data } of decoder.readFrames(file.path, { video, size: box, ...seek }, { signal })) {
    if (shown && secondsOf(open, pts) > at + 1e-6) break
    shown = { data, ...box }
  }
  if (!shown) throw invalidMedium('not one of its frames can be decoded')
  return await encodeFrame(shown, format)
}

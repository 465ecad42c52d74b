import { type MediaInput, VivantError } from '@vivant/core'
import { secondsOf } from './frame-stamps.ts'
import { openMediaFile, openVideo } from './open-video.ts'

export interface SceneOptions {
  /** How different a frame must be, 0 to 1. Default 0.3; lower finds more. */
  readonly threshold?: number
}

/** Frames are compared at this size: neither noise nor small things count. */
const size = { width: 64, height: 36 }

/**
 * The times at which another scene begins, in seconds; never 0. A frame's score is that of FFmpeg's filter `select`
 * (`scene`): the mean absolute difference from the frame before, or how much that differs from the difference before if
 * that is less, so that a steady movement is no change.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 * @example await sceneChanges('./holiday.mp4', { threshold: 0.2 })
 */
export async function sceneChanges(input: MediaInput, options: SceneOptions = {}, signal?: AbortSignal): Promise<readonly number[]> {
  await using file = await openMediaFile(input, signal)
  const open = await openVideo(file.path, { signal })
  const { threshold = 0.3 } = options
  if (!(threshold > 0 && threshold < 1)) throw new VivantError('VALUE_INVALID', `threshold must be a number between 0 and 1, not ${threshold}.`)
  const times: number[] = []
  let before: Uint8Array | undefined
  let differenceBefore = 0
  for await (const { pts, data } of open.decoder.readFrames(file.path, { video: open.video, size }, { signal })) {
    if (before) {
      const difference = meanDifference(before, data)
      const score = Math.min(difference, Math.abs(difference - differenceBefore)) / 100
      if (score >= threshold) times.push(secondsOf(open, pts))
      differenceBefore = difference
    }
    before = data
  }
  return times
}

function meanDifference(left: Uint8Array, right: Uint8Array): number {
  let sum = 0
  for (let index = 0; index < left.length; index++) sum += Math.abs(left[index]! - right[index]!)
  return sum / left.length
}

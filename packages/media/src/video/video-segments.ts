import { type Column, iterator, type IteratorFunction, type JsonType, type MediaInput, type NumberType, t, type VideoType, VivantError } from '@vivant/core'
import { clipOpen } from './clip-video.ts'
import { openMediaFile, openVideo } from './open-video.ts'

export interface VideoSegmentOptions {
  /** How long each is; the last may be shorter. */
  readonly seconds: number
  /** Seconds that a segment shares with the one before. Default 0. */
  readonly overlap?: number
}

export interface VideoSegment {
  readonly segment: MediaInput
  readonly start: number
  readonly end: number
}

export type VideoSegmentsIterator = IteratorFunction<
  readonly [Column<VideoType>, Column<JsonType<VideoSegmentOptions>>],
  { readonly segment: Column<VideoType>; readonly start: Column<NumberType>; readonly end: Column<NumberType> },
  AsyncGenerator<VideoSegment, void, undefined>
>

/** Parts of equal length from the beginning to the end, each sharing `overlap` with the one before. */
export function* rangesOf(
  duration: number,
  { seconds, overlap = 0 }: VideoSegmentOptions,
): Generator<{ readonly start: number; readonly end: number }, void, undefined> {
  if (!(seconds > 0)) throw new VivantError('VALUE_INVALID', `seconds must be a positive number, not ${seconds}.`)
  if (!(overlap >= 0 && overlap < seconds))
    throw new VivantError('VALUE_INVALID', `overlap must be at least 0 and less than ${seconds} seconds, not ${overlap}.`)
  for (let place = 0; ; place++) {
    const start = place === 0 ? 0 : place * (seconds - overlap)
    yield { start, end: Math.min(start + seconds, duration) }
    // What is left is a part of this segment.
    if (start + seconds >= duration - 1e-6) return
  }
}

/**
 * Parts of a video as videos of their own (MP4): `segment`, `start` and `end` in seconds.
 *
 * @example db.createView('parts', { of: videos, iterate: (v) => segments(v.video, { seconds: 30 }) })
 */
export const videoSegments: VideoSegmentsIterator = iterator(
  {
    name: 'video.segments',
    version: 'segments 1',
    input: [t.video(), t.json<VideoSegmentOptions>()],
    output: { segment: t.video(), start: t.float(), end: t.float() },
    concurrency: 1,
    timeoutMs: 6 * 60 * 60 * 1000,
  },
  async function* (video: MediaInput, options: VideoSegmentOptions, { signal }): AsyncGenerator<VideoSegment, void, undefined> {
    await using file = await openMediaFile(video, signal)
    const open = await openVideo(file.path, { signal })
    const duration = open.probe.durationSeconds ?? open.video.durationSeconds
    if (duration === null) throw new VivantError('MEDIA_INVALID', 'The video does not say how long it is, so it cannot be divided.')
    for (const { start, end } of rangesOf(duration, options)) yield { segment: await clipOpen(open, { start, end }, signal), start, end }
  },
)

import {
  type Column,
  type ImageType,
  type IteratorFunction,
  isMedia,
  iterator,
  type JsonType,
  type MediaInput,
  MediaReference,
  type NumberType,
  t,
  type BooleanType,
  type VideoType,
} from '@vivant/core'
import { isStoreReference, keyOfReference } from '../reference/media-key.ts'
import { invalidMedium } from './decoder/media-process.ts'
import { checkFrameOptions, type FrameOptions } from './frame-options.ts'
import { formatFrameReference } from './frame-reference.ts'
import { type FrameStamp, type OpenVideo, readStamps } from './frame-stamps.ts'
import { openMediaFile, openVideo } from './open-video.ts'
import { readPictures } from './read-pictures.ts'
import { encodeFrame } from './rgb-frame.ts'
import { selectFrames } from './select-frames.ts'

/** A frame of a video as a row. */
export interface FrameItem extends FrameStamp {
  readonly frame: MediaInput
}

export type FrameIterator = IteratorFunction<
  readonly [Column<VideoType>, Column<JsonType<FrameOptions>, 'default'>],
  {
    readonly frame: Column<ImageType>
    readonly index: Column<NumberType>
    readonly pts: Column<NumberType>
    readonly timestamp: Column<NumberType>
    readonly keyFrame: Column<BooleanType>
  },
  AsyncGenerator<FrameItem, void, undefined>
>

/** Frames that are stored are decoded so many at a time. */
const storedAtOnce = 4096
/** A long video is decoded as long as it gives frames: a process that stalls is stopped by itself. */
const timeoutMs = 6 * 60 * 60 * 1000

/**
 * The frames of a video as rows: `frame` (a picture), `index` (from 0), `pts` (in the stream's own units), `timestamp`
 * (seconds from the beginning) and `keyFrame`.
 *
 * ```ts
 * const frames = await db.createView('frames', { of: videos, iterate: (v) => frameIterator(v.video, { fps: 1 }) })
 * for await (const { frame, timestamp } of frameIterator('./holiday.mp4', { count: 10 })) …   // frames as JPEG bytes
 * ```
 *
 * Counts are exact: every frame is decoded once to be counted, also the last. A frame takes no room: it is a reference to
 * its place in the video (`vivant://….mp4#frame=300`) and decoded when it is read, all frames that a batch of rows reads in
 * one go; its bytes are a JPEG. With `store` its picture is stored. See `FrameOptions`.
 *
 * Fails with MEDIA_INVALID for what cannot be decoded (in part: see `damaged`) or has no video, VALUE_INVALID for options
 * that make no sense.
 */
export const frameIterator: FrameIterator = iterator(
  {
    name: 'video.frames',
    version: 'frames 1',
    input: [t.video(), t.json<FrameOptions>().default({})],
    output: { frame: t.image(), index: t.int(), pts: t.int(), timestamp: t.float(), keyFrame: t.boolean() },
    concurrency: 2,
    timeoutMs,
  },
  async function* (video: MediaInput, options: FrameOptions, { signal }): AsyncGenerator<FrameItem, void, undefined> {
    checkFrameOptions(options)
    await using file = await openMediaFile(video, signal)
    const open = await openVideo(file.path, { signal })
    const stamps = selectFrames(readStamps(open, { signal, skipDamage: options.damaged === 'skip' }), options)
    const reference = isMedia(video) && isStoreReference(video.reference) ? keyOfReference(video.reference) : null
    if (reference === null || options.store !== undefined) yield* storedFrames(open, stamps, options, signal)
    else
      for await (const stamp of stamps)
        yield { frame: new MediaReference(formatFrameReference({ key: reference, index: stamp.index, pts: stamp.pts })), ...stamp }
  },
)

/** Frames with their pictures, decoded again when it is known which are wanted. */
async function* storedFrames(
  open: OpenVideo,
  stamps: AsyncIterable<FrameStamp>,
  options: FrameOptions,
  signal: AbortSignal,
): AsyncGenerator<FrameItem, void, undefined> {
  let group: FrameStamp[] = []
  for await (const stamp of stamps) {
    group.push(stamp)
    if (group.length < storedAtOnce) continue
    yield* withPictures(open, group, options, signal)
    group = []
  }
  yield* withPictures(open, group, options, signal)
}

async function* withPictures(
  open: OpenVideo,
  group: readonly FrameStamp[],
  { store = 'jpeg', quality }: FrameOptions,
  signal: AbortSignal,
): AsyncGenerator<FrameItem, void, undefined> {
  let next = 0
  for await (const { index, picture } of readPictures(open, group, { signal })) {
    const frame = await encodeFrame(picture, store, quality)
    // Two times may show one frame.
    for (; group[next]?.index === index; next++) yield { frame, ...group[next]! }
  }
  if (next < group.length) throw invalidMedium(`frame ${group[next]!.index} could be counted and not decoded`)
}

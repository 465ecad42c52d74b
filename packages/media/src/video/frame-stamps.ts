import { isVivantError } from '@vivant/core'
import type { MediaProbe, VideoStream } from './decoder/media-probe.ts'
import type { DecodeOptions, VideoDecoder } from './decoder/video-decoder.ts'

/** Where a frame stands. */
export interface FrameStamp {
  /** From 0, in the order in which frames are shown. */
  readonly index: number
  /** In units of the stream's time base. */
  readonly pts: number
  /** Seconds from the beginning. */
  readonly timestamp: number
  readonly keyFrame: boolean
}

export interface OpenVideo {
  readonly decoder: VideoDecoder
  readonly path: string
  readonly probe: MediaProbe
  readonly video: VideoStream
}

/**
 * Every frame, in order. They are decoded to be counted: what containers say of their frames, and which of their packets
 * give one, is not to be relied on.
 */
export async function* readStamps(open: OpenVideo, options: DecodeOptions & { readonly skipDamage: boolean }): AsyncGenerator<FrameStamp, void, undefined> {
  let index = 0
  try {
    for await (const { pts, isKeyFrame } of open.decoder.readFrames(open.path, { video: open.video }, options)) {
      yield { index: index++, pts, timestamp: secondsOf(open, pts), keyFrame: isKeyFrame }
    }
  } catch (error) {
    if (!(options.skipDamage && index > 0 && isVivantError(error, 'MEDIA_INVALID'))) throw error
  }
}

/** Seconds from the beginning of the file. */
export function secondsOf({ probe, video }: Pick<OpenVideo, 'probe' | 'video'>, pts: number): number {
  const seconds = (pts * video.timeBase.num) / video.timeBase.den - probe.startSeconds
  return Math.max(0, Math.round(seconds * 1e6) / 1e6)
}

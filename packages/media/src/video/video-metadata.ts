import type { MediaInput } from '@vivant/core'
import { openMediaFile, openVideo } from './open-video.ts'

/** What a video says of itself. */
export interface VideoMetadata {
  /** FFmpeg's name: `mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`, … */
  readonly format: string
  readonly durationSeconds: number | null
  /** In pixels, as it is seen: turned, with square pixels. */
  readonly width: number
  readonly height: number
  /** Frames a second, on average. */
  readonly frameRate: number | null
  readonly codec: string
  readonly pixelFormat: string | null
  /** Clockwise, in degrees: 0, 90, 180 or 270. */
  readonly rotation: number
  /** What the container says, which need not be true; counting takes `frameIterator`. */
  readonly frameCount: number | null
  readonly bitRate: number | null
  readonly audioCodec: string | null
  readonly audioSampleRate: number | null
  readonly audioChannels: number | null
}

/**
 * Reads a video's header only.
 *
 * @throws MEDIA_INVALID
 * @example (await videoMetadata('./holiday.mp4')).frameRate
 */
export async function videoMetadata(input: MediaInput, signal?: AbortSignal): Promise<VideoMetadata> {
  await using file = await openMediaFile(input, signal)
  const { probe, video } = await openVideo(file.path, { signal })
  const { width, height, frameRate, codec, pixelFormat, rotation, frameCount } = video
  return {
    format: probe.format,
    durationSeconds: probe.durationSeconds ?? video.durationSeconds,
    width,
    height,
    frameRate,
    codec,
    pixelFormat,
    rotation,
    frameCount,
    bitRate: probe.bitRate,
    audioCodec: probe.audio?.codec ?? null,
    audioSampleRate: probe.audio?.sampleRate ?? null,
    audioChannels: probe.audio?.channels ?? null,
  }
}

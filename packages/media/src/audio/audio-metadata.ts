import type { MediaInput } from '@vivant/core'
import { openAudio } from './open-audio.ts'

/** What a sound says of itself. */
export interface AudioMetadata {
  /** FFmpeg's name: `wav`, `mp3`, `mov,mp4,m4a,3gp,3g2,mj2`, … */
  readonly format: string
  readonly codec: string
  readonly durationSeconds: number | null
  /** In Hz. */
  readonly sampleRate: number
  readonly channels: number
  readonly bitRate: number | null
}

/**
 * Reads a sound's header only.
 *
 * @throws MEDIA_INVALID
 * @example (await audioMetadata('./talk.mp3')).durationSeconds
 */
export async function audioMetadata(input: MediaInput, signal?: AbortSignal): Promise<AudioMetadata> {
  await using open = await openAudio(input, signal)
  const { probe, audio } = open
  return {
    format: probe.format,
    codec: audio.codec,
    durationSeconds: audio.durationSeconds ?? probe.durationSeconds,
    sampleRate: audio.sampleRate,
    channels: audio.channels,
    bitRate: probe.bitRate,
  }
}

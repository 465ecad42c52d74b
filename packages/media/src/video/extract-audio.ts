import { type MediaInput, VivantError } from '@vivant/core'
import { findDecoder } from './decoder/find-decoder.ts'
import { invalidMedium } from './decoder/media-process.ts'
import type { VideoDecoder } from './decoder/video-decoder.ts'
import { openMediaFile } from './open-video.ts'
import { checkRange, type TimeRange } from './time-range.ts'
import { withOutput } from './with-output.ts'

export type AudioFormat = 'wav' | 'flac' | 'm4a' | 'mp3' | 'ogg'

export interface AudioOutputOptions extends TimeRange {
  /** Default `'wav'`, which loses nothing. */
  readonly format?: AudioFormat
  /** In Hz. Left out: as it is. */
  readonly sampleRate?: number
  /** 1 or 2. Left out: as it is. */
  readonly channels?: number
}

const formats: ReadonlySet<string> = new Set<AudioFormat>(['wav', 'flac', 'm4a', 'mp3', 'ogg'])

/**
 * The sound of a video or an audio file, or a part of it, in a format, a rate and a number of channels.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID also where there is no sound
 * @example await extractAudio('./holiday.mp4', { format: 'wav', sampleRate: 16_000, channels: 1 })
 */
export async function extractAudio(input: MediaInput, options: AudioOutputOptions = {}, signal?: AbortSignal): Promise<Uint8Array> {
  checkOptions(options)
  const decoder = await findDecoder()
  await using file = await openMediaFile(input, signal)
  const probe = await decoder.probe(file.path, { signal })
  if (!probe.audio) throw invalidMedium('it has no sound')
  checkRange(options, probe.durationSeconds)
  return await encodeSound(decoder, file.path, options, signal)
}

/** The same of a file that is known to have sound. */
export function encodeSound(decoder: VideoDecoder, path: string, options: AudioOutputOptions, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { format = 'wav', ...sound } = options
  return withOutput(format, (output) => decoder.writeFilm(output, { sound: { path, ...sound } }, { signal }))
}

/** VALUE_INVALID for what makes no sense. */
export function checkOptions({ format = 'wav', sampleRate, channels }: AudioOutputOptions): void {
  if (!formats.has(format)) throw new VivantError('VALUE_INVALID', `${JSON.stringify(format)} is not a format: ${[...formats].join(', ')}.`)
  if (sampleRate !== undefined && !(Number.isInteger(sampleRate) && sampleRate >= 1000 && sampleRate <= 384_000)) {
    throw new VivantError('VALUE_INVALID', `sampleRate must be a whole number from 1000 to 384000, not ${sampleRate}.`)
  }
  if (channels !== undefined && channels !== 1 && channels !== 2) throw new VivantError('VALUE_INVALID', `channels must be 1 or 2, not ${channels}.`)
}

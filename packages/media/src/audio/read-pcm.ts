import { type MediaInput, VivantError } from '@vivant/core'
import { checkRange, type TimeRange } from '../video/time-range.ts'
import { openAudio } from './open-audio.ts'

export interface PcmOptions extends TimeRange {
  /** In Hz. Default 16,000, which speech models take. */
  readonly sampleRate?: number
}

/** An hour of 16 kHz takes 230 MB; what is more is read in parts. */
const maxSamples = 512 * 1024 * 1024

/**
 * A sound as models take it: one channel of samples from -1 to 1.
 *
 * @throws VALUE_INVALID no such range or rate, or more than fits into memory; MEDIA_INVALID
 * @example const samples = await readPcm(recording, { start: 0, end: 30 })  // 480,000 samples
 */
export async function readPcm(input: MediaInput, options: PcmOptions = {}, signal?: AbortSignal): Promise<Float32Array> {
  const { sampleRate = 16_000, start, end } = options
  if (!(Number.isInteger(sampleRate) && sampleRate >= 1000 && sampleRate <= 384_000)) {
    throw new VivantError('VALUE_INVALID', `sampleRate must be a whole number from 1000 to 384000, not ${sampleRate}.`)
  }
  await using open = await openAudio(input, signal)
  const { decoder, path, probe } = open
  checkRange(options, probe.durationSeconds)
  const pieces: Float32Array[] = []
  let length = 0
  const range = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
  for await (const piece of decoder.readSamples(path, { sampleRate, channels: 1, ...range }, { signal })) {
    length += piece.length
    if (length > maxSamples) throw new VivantError('VALUE_INVALID', `The sound has more than ${maxSamples} samples: read it in parts, with start and end.`)
    pieces.push(piece)
  }
  const samples = new Float32Array(length)
  let offset = 0
  for (const piece of pieces) {
    samples.set(piece, offset)
    offset += piece.length
  }
  return samples
}

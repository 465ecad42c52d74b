import { VivantError } from '@vivant/core'
import type { OpenAudio } from './open-audio.ts'

export interface SilenceOptions {
  /** What is quieter is silence, in dB of full scale. Default -50. */
  readonly threshold?: number
  /** Silence that is shorter is none, in seconds. Default 0.5. */
  readonly minSeconds?: number
}

export interface Range {
  readonly start: number
  readonly end: number
}

const sampleRate = 16_000
/** The greatest sample of so many decides: single samples of a loud sound are near zero as well. */
const windowSamples = 160

/** Where it is silent, in seconds, and how long the sound is. */
export async function findSilence(
  { decoder, path }: OpenAudio,
  { threshold = -50, minSeconds = 0.5 }: SilenceOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly silences: readonly Range[]; readonly duration: number }> {
  if (!(threshold < 0)) throw new VivantError('VALUE_INVALID', `threshold must be less than 0 dB, not ${threshold}.`)
  if (!(minSeconds > 0)) throw new VivantError('VALUE_INVALID', `minSeconds must be a positive number, not ${minSeconds}.`)
  const limit = 10 ** (threshold / 20)
  const silences: Range[] = []
  let [read, loudest, since] = [0, 0, 0]
  const endSilence = (end: number): void => {
    if (end - since >= minSeconds) silences.push({ start: since, end })
  }
  for await (const piece of decoder.readSamples(path, { sampleRate, channels: 1 }, { signal })) {
    for (const sample of piece) {
      loudest = Math.max(loudest, Math.abs(sample))
      if (++read % windowSamples !== 0) continue
      if (loudest > limit) {
        endSilence((read - windowSamples) / sampleRate)
        since = read / sampleRate
      }
      loudest = 0
    }
  }
  const duration = read / sampleRate
  endSilence(duration)
  return { silences, duration }
}

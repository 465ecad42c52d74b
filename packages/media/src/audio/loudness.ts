import type { MediaInput } from '@vivant/core'
import { openAudio } from './open-audio.ts'

export interface Loudness {
  /** Of the whole, in LUFS; null for silence. */
  readonly integrated: number | null
  /** Of the loudest sample, in dB of full scale; null for silence. */
  readonly peak: number | null
}

const sampleRate = 48_000
/** Blocks of 400 ms that begin every 100 ms. */
const stepSamples = sampleRate / 10
const stepsOfBlock = 4
const absoluteGate = -70
const relativeGate = -10

/** The two filters of K-weighting at 48 kHz (ITU-R BS.1770-4, tables 1 and 2): b0, b1, b2, a1, a2. */
const headFilter = [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585] as const
const highPass = [1, -2, 1, -1.99004745483398, 0.99007225036621] as const

/**
 * How loud a sound is, as EBU R 128 measures it: ITU-R BS.1770-4 with K-weighting and two gates. More than two channels are
 * mixed down to two.
 *
 * @throws MEDIA_INVALID
 * @example (await loudness('./talk.mp3')).integrated // -23 is what broadcasters want
 */
export async function loudness(input: MediaInput, signal?: AbortSignal): Promise<Loudness> {
  await using open = await openAudio(input, signal)
  const channels = Math.min(2, open.audio.channels)
  const filters = Array.from({ length: channels }, () => [biquad(headFilter), biquad(highPass)] as const)
  /** The mean square of each step of 100 ms, channels summed. */
  const steps: number[] = []
  let [peak, sum, count, channel] = [0, 0, 0, 0]
  for await (const piece of open.decoder.readSamples(open.path, { sampleRate, channels }, { signal })) {
    for (const sample of piece) {
      peak = Math.max(peak, Math.abs(sample))
      const [head, high] = filters[channel]!
      const weighted = high(head(sample))
      sum += weighted * weighted
      if (++channel < channels) continue
      channel = 0
      if (++count < stepSamples) continue
      steps.push(sum / stepSamples)
      sum = count = 0
    }
  }
  return { integrated: gated(blocksOf(steps)), peak: peak > 0 ? 20 * Math.log10(peak) : null }
}

function blocksOf(steps: readonly number[]): readonly number[] {
  return Array.from({ length: Math.max(0, steps.length - stepsOfBlock + 1) }, (_, from) => mean(steps.slice(from, from + stepsOfBlock)))
}

function gated(blocks: readonly number[]): number | null {
  const audible = blocks.filter((block) => loudnessOf(block) > absoluteGate)
  if (audible.length === 0) return null
  const gate = loudnessOf(mean(audible)) + relativeGate
  return loudnessOf(mean(audible.filter((block) => loudnessOf(block) > gate)))
}

function loudnessOf(meanSquare: number): number {
  return -0.691 + 10 * Math.log10(meanSquare)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A filter of the second order, in its transposed direct form. */
function biquad([b0, b1, b2, a1, a2]: readonly [number, number, number, number, number]): (sample: number) => number {
  let [first, second] = [0, 0]
  return (sample) => {
    const filtered = b0 * sample + first
    first = b1 * sample - a1 * filtered + second
    second = b2 * sample - a2 * filtered
    return filtered
  }
}

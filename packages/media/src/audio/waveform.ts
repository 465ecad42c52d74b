import sharp from 'sharp'
import { type MediaInput, VivantError } from '@vivant/core'
import { openAudio } from './open-audio.ts'

export interface PictureOptions {
  /** In pixels. Default 800. */
  readonly width?: number
  /** In pixels. Default 160; of a spectrogram 256. */
  readonly height?: number
}

export interface WaveformOptions extends PictureOptions {
  /** `#rrggbb`. Default `#2563eb`. */
  readonly color?: string
  /** Default: transparent. */
  readonly background?: string
}

const maxSide = 8192
/** Enough to see peaks; a look at every sample of 48 kHz would show nothing more. */
const sampleRate = 8000

/**
 * The course of a sound as a PNG: for each column of pixels, from its least to its greatest sample.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 * @example await waveform('./talk.mp3', { width: 600, height: 100 })
 */
export async function waveform(input: MediaInput, options: WaveformOptions = {}, signal?: AbortSignal): Promise<Uint8Array> {
  const { color = '#2563eb', background } = options
  const { width, height } = checkSize(options, 160)
  for (const value of [color, background]) {
    if (value !== undefined && !/^#[0-9a-f]{6}$/i.test(value))
      throw new VivantError('VALUE_INVALID', `A colour is written #rrggbb, not ${JSON.stringify(value)}.`)
  }
  await using open = await openAudio(input, signal)
  const columns = await extremes(open.decoder.readSamples(open.path, { sampleRate, channels: 1 }, { signal }), width)
  const y = (sample: number): number => Math.round(((1 - Math.max(-1, Math.min(1, sample))) / 2) * (height - 1))
  const bars = columns.map(([least, greatest], x) => `<rect x="${x}" y="${y(greatest)}" width="1" height="${y(least) - y(greatest) + 1}"/>`)
  const ground = background === undefined ? '' : `<rect width="${width}" height="${height}" fill="${background}"/>`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" shape-rendering="crispEdges">${ground}<g fill="${color}">${bars.join('')}</g></svg>`
  return await sharp(Buffer.from(svg)).png().toBuffer()
}

export function checkSize({ width = 800, height }: PictureOptions, defaultHeight: number): { readonly width: number; readonly height: number } {
  const size = { width, height: height ?? defaultHeight }
  for (const [name, value] of Object.entries(size)) {
    if (!(Number.isInteger(value) && value >= 1 && value <= maxSide))
      throw new VivantError('VALUE_INVALID', `${name} must be a whole number of pixels from 1 to ${maxSide}, not ${value}.`)
  }
  return size
}

/**
 * The least and the greatest sample of each column, without holding the sound: buckets are joined two by two whenever
 * there are more than needed.
 */
async function extremes(pieces: AsyncIterable<Float32Array>, columns: number): Promise<readonly (readonly [number, number])[]> {
  let buckets: [number, number][] = []
  let samplesOfBucket = 1
  let count = 0
  for await (const piece of pieces) {
    for (const sample of piece) {
      if (count === 0) buckets.push([sample, sample])
      const bucket = buckets.at(-1)!
      if (sample < bucket[0]) bucket[0] = sample
      if (sample > bucket[1]) bucket[1] = sample
      if (++count < samplesOfBucket) continue
      count = 0
      if (buckets.length < columns * 8) continue
      buckets = Array.from({ length: buckets.length / 2 }, (_, index) => join(buckets.slice(index * 2, index * 2 + 2)))
      samplesOfBucket *= 2
    }
  }
  return Array.from({ length: columns }, (_, x) => {
    const from = Math.floor((x * buckets.length) / columns)
    return join(buckets.slice(from, Math.max(from + 1, Math.floor(((x + 1) * buckets.length) / columns))))
  })
}

function join(buckets: readonly (readonly [number, number])[]): [number, number] {
  return buckets.length === 0 ? [0, 0] : [Math.min(...buckets.map(([least]) => least)), Math.max(...buckets.map(([, greatest]) => greatest))]
}

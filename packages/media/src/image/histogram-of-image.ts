import { VivantError } from '@vivant/core'
import { withImage } from './open-image.ts'
import { rgbPixels } from './rgb-pixels.ts'
import { smallPicture } from './small-picture.ts'

export interface HistogramOptions {
  /** How many levels are counted together, from dark to light: 2 to 256. Default 256: each by itself. */
  readonly bins?: number
}

/** The share of a picture's pixels in each bin, from dark to light; each list sums to 1. */
export interface Histogram {
  readonly red: readonly number[]
  readonly green: readonly number[]
  readonly blue: readonly number[]
  /** Of ITU-R BT.601, as `meanLuma`. */
  readonly luma: readonly number[]
}

/**
 * How bright and coloured a picture's pixels are, in 8-bit sRGB, transparent parts over white. Of a picture with more
 * than four million pixels, as many of them, evenly spread, are counted.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 */
export async function histogramOfImage(bytes: Uint8Array, { bins = 256 }: HistogramOptions = {}, signal?: AbortSignal): Promise<Histogram> {
  if (!(Number.isInteger(bins) && bins >= 2 && bins <= 256)) throw new VivantError('VALUE_INVALID', `bins must be a whole number from 2 to 256, not ${bins}.`)
  const { data } = await withImage(bytes, async (picture) => rgbPixels(await smallPicture(picture, 4_000_000, 'nearest')), signal)
  const counts = Array.from({ length: 4 }, () => new Float64Array(bins))
  const [red, green, blue, luma] = counts as [Float64Array, Float64Array, Float64Array, Float64Array]
  const share = 3 / data.length
  const binOf = (level: number): number => Math.floor((level * bins) / 256)
  for (let index = 0; index < data.length; index += 3) {
    const [r, g, b] = [data[index]!, data[index + 1]!, data[index + 2]!]
    red[binOf(r)]! += share
    green[binOf(g)]! += share
    blue[binOf(b)]! += share
    luma[binOf(Math.min(255, Math.round(0.299 * r + 0.587 * g + 0.114 * b)))]! += share
  }
  return { red: [...red], green: [...green], blue: [...blue], luma: [...luma] }
}

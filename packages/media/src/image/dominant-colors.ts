import { VivantError } from '@vivant/core'
import { withImage } from './open-image.ts'
import { rgbPixels } from './rgb-pixels.ts'
import { smallPicture } from './small-picture.ts'

export interface DominantColorsOptions {
  /** How many at most: 1 to 32. Default 5. */
  readonly count?: number
}

export interface DominantColor {
  /** `#rrggbb` */
  readonly color: string
  /** Of the picture's area, 0 to 1. */
  readonly share: number
}

/** A colour of sRGB and its place in OKLab, where distances are as they are seen. */
interface Sample {
  readonly rgb: readonly [number, number, number]
  readonly lab: readonly [number, number, number]
}

/**
 * The colours that a picture has most of, the largest share first, transparent parts over white. A picture reduced to
 * about ten thousand pixels is cut where its colours differ most (median cut, Heckbert 1982, in OKLab, Ottosson 2020).
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 */
export async function dominantColors(bytes: Uint8Array, { count = 5 }: DominantColorsOptions = {}, signal?: AbortSignal): Promise<readonly DominantColor[]> {
  if (!(Number.isInteger(count) && count >= 1 && count <= 32))
    throw new VivantError('VALUE_INVALID', `count must be a whole number from 1 to 32, not ${count}.`)
  const { data } = await withImage(bytes, async (picture) => rgbPixels(await smallPicture(picture, 10_000, 'nearest')), signal)
  const samples: Sample[] = []
  for (let index = 0; index < data.length; index += 3) {
    const rgb = [data[index]!, data[index + 1]!, data[index + 2]!] as const
    samples.push({ rgb, lab: oklab(rgb) })
  }
  const groups = [samples]
  while (groups.length < count) {
    const widest = groups.map((group) => ({ group, ...spread(group) })).reduce((best, next) => (next.spread > best.spread ? next : best))
    // below this, colours of a group cannot be told apart
    if (widest.spread < widest.group.length * 1e-5) break
    const { group, axis, mean } = widest
    groups.splice(
      groups.indexOf(group),
      1,
      group.filter(({ lab }) => lab[axis] <= mean),
      group.filter(({ lab }) => lab[axis] > mean),
    )
  }
  return groups.toSorted((one, other) => other.length - one.length).map((group) => ({ color: hex(meanColor(group)), share: group.length / samples.length }))
}

/** The axis along which a group differs most: the sum of squared distances from the mean there. */
function spread(group: readonly Sample[]): { readonly axis: 0 | 1 | 2; readonly mean: number; readonly spread: number } {
  const axes = ([0, 1, 2] as const).map((axis) => {
    const mean = group.reduce((sum, { lab }) => sum + lab[axis], 0) / group.length
    return { axis, mean, spread: group.reduce((sum, { lab }) => sum + (lab[axis] - mean) ** 2, 0) }
  })
  return axes.reduce((best, next) => (next.spread > best.spread ? next : best))
}

function meanColor(group: readonly Sample[]): readonly number[] {
  return [0, 1, 2].map((channel) => Math.round(group.reduce((sum, { rgb }) => sum + rgb[channel]!, 0) / group.length))
}

function hex(rgb: readonly number[]): string {
  return `#${rgb.map((level) => level.toString(16).padStart(2, '0')).join('')}`
}

function oklab(rgb: readonly [number, number, number]): readonly [number, number, number] {
  const [r, g, b] = rgb.map((level) => (level <= 10.31475 ? level / 255 / 12.92 : ((level / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

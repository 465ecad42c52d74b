import { withImage } from '../open-image.ts'
import { rgbPixels, type RgbPixels } from '../rgb-pixels.ts'
import { colorLayout } from './color-layout.ts'
import { edgeHistogram } from './edge-histogram.ts'
import { edgeRegions, regionShares } from './edge-regions.ts'

const coefficientCount = 6

/** 18 of the colour layout and 30 × 6 of the edges. */
export const appearanceDimensions = 198

// The weights with which the standard's experimentation model compares coefficients; distances are squared, so roots are taken.
const yWeights = [3, 3, 3, 1, 1, 1].map(Math.sqrt)
const cbWeights = [2, 1, 1, 1, 1, 1].map(Math.sqrt)
const crWeights = [4, 2, 2, 1, 1, 1].map(Math.sqrt)
/** Brings the weighted coefficients of an ordinary picture to a length of about 1. */
const colorScale = 1 / 512
const edgeScale = 0.8 / Math.sqrt(edgeRegions.reduce((sum, region) => sum + region.weight, 0))

const longSide = 256
const shortestSide = 64

/**
 * What a picture looks like, as a unit vector of 198 numbers: where its colours lie and which way its edges run. Two
 * pictures are compared by cosine, L2 or inner product, which order them alike. No model is needed; it tells scenes,
 * palettes and textures apart, not things.
 *
 * It joins two descriptors of MPEG-7, the Color Layout (18 coefficients) and the Edge Histogram (80 bins), extended by
 * semi-global regions. Colour coefficients are centred, so that opposite layouts have a negative product; edge shares
 * enter by their roots, so that their product is the Bhattacharyya coefficient of the histograms. Since a region's shares
 * sum to 1, no picture has a zero vector.
 *
 * The picture is brought to 256 pixels on its longer side first, so the vector does not depend on resolution. Between
 * versions and platforms, pixels may differ by one level, and the numbers in the third digit.
 *
 * @throws MEDIA_INVALID
 */
export async function appearanceVector(bytes: Uint8Array, signal?: AbortSignal): Promise<Float32Array> {
  const pixels = await withImage(
    bytes,
    async (picture) => {
      const { width, height } = (await picture.metadata()).autoOrient
      const scale = longSide / Math.max(width, height)
      const size = { width: Math.max(shortestSide, Math.round(width * scale)), height: Math.max(shortestSide, Math.round(height * scale)) }
      return rgbPixels(picture.resize({ ...size, fit: 'fill' }))
    },
    signal,
  )
  return appearanceOf(pixels)
}

/** The vector of a picture of that size. */
export function appearanceOf(pixels: RgbPixels): Float32Array {
  const layout = colorLayout(pixels, { y: coefficientCount, c: coefficientCount })
  const histogram = edgeHistogram(pixels)
  return unit([
    ...weighted(layout.y, yWeights),
    ...weighted(layout.cb, cbWeights),
    ...weighted(layout.cr, crWeights),
    ...edgeRegions.flatMap(({ parts, weight }) => regionShares(histogram, parts).map((share) => Math.sqrt(share * weight) * edgeScale)),
  ])
}

function weighted(coefficients: readonly number[], weights: readonly number[]): readonly number[] {
  return coefficients.map((coefficient, index) => coefficient * weights[index]! * colorScale)
}

function unit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values)
  return Float32Array.from(values, (value) => value / length)
}

import type { RgbPixels } from '../rgb-pixels.ts'

/** The first coefficients of each plane, in zigzag order; the lowest frequency (eight times the mean) comes first. */
export interface ColorLayout {
  readonly y: readonly number[]
  readonly cb: readonly number[]
  readonly cr: readonly number[]
}

const size = 8

/**
 * The Color Layout Descriptor of MPEG-7 (ISO/IEC 15938-3; Manjunath et al., "Color and Texture Descriptors", IEEE
 * Transactions on Circuits and Systems for Video Technology 11(6), 2001): the mean colours of 8 × 8 parts of the
 * picture, in YCbCr, each plane transformed by an orthonormal DCT and read in zigzag order.
 *
 * YCbCr is that of JPEG (BT.601, full range), centred at 0; coefficients are not quantized. The standard allows 1, 3,
 * 6, 10, 15, 21, 28 or 64 of them for a plane.
 */
export function colorLayout(pixels: RgbPixels, counts: { readonly y: number; readonly c: number }): ColorLayout {
  const planes = blockMeans(pixels)
  return { y: zigzag(dct(planes.y), counts.y), cb: zigzag(dct(planes.cb), counts.c), cr: zigzag(dct(planes.cr), counts.c) }
}

interface Planes {
  readonly y: Float64Array
  readonly cb: Float64Array
  readonly cr: Float64Array
}

/** 64 means a plane. The picture must have 8 × 8 pixels or more. */
function blockMeans({ data, width, height }: RgbPixels): Planes {
  const sums = new Float64Array(size * size * 3)
  for (let row = 0; row < size; row++) {
    const [top, bottom] = [Math.floor((row * height) / size), Math.floor(((row + 1) * height) / size)]
    for (let column = 0; column < size; column++) {
      const [left, right] = [Math.floor((column * width) / size), Math.floor(((column + 1) * width) / size)]
      let [red, green, blue] = [0, 0, 0]
      for (let y = top; y < bottom; y++) {
        for (let index = (y * width + left) * 3, end = (y * width + right) * 3; index < end; index += 3) {
          red += data[index]!
          green += data[index + 1]!
          blue += data[index + 2]!
        }
      }
      const count = (bottom - top) * (right - left)
      sums.set([red / count, green / count, blue / count], (row * size + column) * 3)
    }
  }
  return toYCbCr(sums)
}

function toYCbCr(rgb: Float64Array): Planes {
  const planes: Planes = { y: new Float64Array(64), cb: new Float64Array(64), cr: new Float64Array(64) }
  for (let block = 0; block < 64; block++) {
    const [red, green, blue] = [rgb[block * 3]!, rgb[block * 3 + 1]!, rgb[block * 3 + 2]!]
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue
    planes.y[block] = luma - 128
    planes.cb[block] = (blue - luma) / 1.772
    planes.cr[block] = (red - luma) / 1.402
  }
  return planes
}

/** `basis[u * 8 + x]`: the orthonormal DCT-II. */
const basis: Float64Array = Float64Array.from({ length: size * size }, (_, index) => {
  const [u, x] = [Math.floor(index / size), index % size]
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / (2 * size))
})

/** Rows, then columns. `result[v * 8 + u]`: v counts vertical, u horizontal waves. */
function dct(plane: Float64Array): Float64Array {
  return transposedProduct(transposedProduct(plane))
}

function transposedProduct(plane: Float64Array): Float64Array {
  const result = new Float64Array(size * size)
  for (let line = 0; line < size; line++) {
    for (let wave = 0; wave < size; wave++) {
      let sum = 0
      for (let x = 0; x < size; x++) sum += basis[wave * size + x]! * plane[line * size + x]!
      result[wave * size + line] = sum
    }
  }
  return result
}

/** Positions in the order of JPEG: diagonal by diagonal from the upper left, first to the right. */
const zigzagOrder: readonly number[] = Array.from({ length: size * size }, (_, index) => index).toSorted((a, b) => rank(a) - rank(b))

function rank(position: number): number {
  const [v, u] = [Math.floor(position / size), position % size]
  return (u + v) * size + ((u + v) % 2 === 0 ? u : v)
}

function zigzag(coefficients: Float64Array, count: number): readonly number[] {
  return zigzagOrder.slice(0, count).map((position) => coefficients[position]!)
}

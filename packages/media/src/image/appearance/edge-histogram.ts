import type { RgbPixels } from '../rgb-pixels.ts'

/** Vertical, horizontal, 45°, 135°, without direction: the order of the standard. */
export const edgeTypes = 5
export const partsPerSide = 4

const wantedBlocks = 1100
const threshold = 11

/**
 * The Edge Histogram Descriptor of MPEG-7 (ISO/IEC 15938-3; Park, Jeon, Won, "Efficient Use of Local Edge Histogram
 * Descriptor", ACM Multimedia Workshops 2000): for each of 4 × 4 parts of the picture, the shares of its small blocks
 * that show an edge of each of five types. 80 numbers, 0 to 1, not quantized; what a part's five lack of 1 is the share
 * of its blocks without an edge.
 *
 * There are about 1,100 blocks in all; each is four squares whose mean lumas (BT.601) are filtered by five 2 × 2 masks,
 * and the strongest answer of at least 11 is its edge.
 */
export function edgeHistogram(pixels: RgbPixels): Float64Array {
  const { width, height } = pixels
  const blockSize = Math.max(2, Math.floor(Math.sqrt((width * height) / wantedBlocks) / 2) * 2)
  const luma = lumaOf(pixels)
  const histogram = new Float64Array(partsPerSide * partsPerSide * edgeTypes)
  const blocks = new Float64Array(partsPerSide * partsPerSide)
  for (let top = 0; top + blockSize <= height; top += blockSize) {
    for (let left = 0; left + blockSize <= width; left += blockSize) {
      const part = Math.floor((top * partsPerSide) / height) * partsPerSide + Math.floor((left * partsPerSide) / width)
      const edge = edgeOf(luma, width, left, top, blockSize / 2)
      blocks[part]! += 1
      if (edge !== null) histogram[part * edgeTypes + edge]! += 1
    }
  }
  return histogram.map((count, index) => count / Math.max(1, blocks[Math.floor(index / edgeTypes)]!))
}

function lumaOf({ data, width, height }: RgbPixels): Float64Array {
  const luma = new Float64Array(width * height)
  for (let pixel = 0, index = 0; pixel < luma.length; pixel++, index += 3) {
    luma[pixel] = 0.299 * data[index]! + 0.587 * data[index + 1]! + 0.114 * data[index + 2]!
  }
  return luma
}

function edgeOf(luma: Float64Array, width: number, left: number, top: number, half: number): number | null {
  const a = squareMean(luma, width, left, top, half)
  const b = squareMean(luma, width, left + half, top, half)
  const c = squareMean(luma, width, left, top + half, half)
  const d = squareMean(luma, width, left + half, top + half, half)
  const strengths = [Math.abs(a - b + c - d), Math.abs(a + b - c - d), Math.SQRT2 * Math.abs(a - d), Math.SQRT2 * Math.abs(b - c), 2 * Math.abs(a - b - c + d)]
  const strongest = Math.max(...strengths)
  return strongest >= threshold ? strengths.indexOf(strongest) : null
}

function squareMean(luma: Float64Array, width: number, left: number, top: number, side: number): number {
  let sum = 0
  for (let y = top; y < top + side; y++) {
    for (let index = y * width + left, end = index + side; index < end; index++) sum += luma[index]!
  }
  return sum / (side * side)
}

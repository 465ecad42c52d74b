import { edgeTypes, partsPerSide } from './edge-histogram.ts'

/**
 * The regions over which edges are compared: the 16 parts, the 13 semi-global ones of Won, Park and Park ("Efficient Use
 * of MPEG-7 Edge Histogram Descriptor", ETRI Journal 24(1), 2002), that is 4 rows, 4 columns and 5 squares of 2 × 2, and
 * the whole, which counts five times. They make a picture similar to one whose contents stand a little beside.
 */
export const edgeRegions: readonly { readonly parts: readonly number[]; readonly weight: number }[] = [
  ...indices(16).map((part) => ({ parts: [part], weight: 1 })),
  ...indices(partsPerSide).map((row) => ({ parts: indices(4).map((column) => at(row, column)), weight: 1 })),
  ...indices(partsPerSide).map((column) => ({ parts: indices(4).map((row) => at(row, column)), weight: 1 })),
  ...[at(0, 0), at(0, 2), at(2, 0), at(2, 2), at(1, 1)].map((corner) => ({ parts: [corner, corner + 1, corner + 4, corner + 5], weight: 1 })),
  { parts: indices(16), weight: 5 },
]

/** The five shares of a region, and the share of its blocks without an edge: they sum to 1. */
export function regionShares(histogram: Float64Array, parts: readonly number[]): readonly number[] {
  const shares = indices(edgeTypes).map((type) => parts.reduce((sum, part) => sum + histogram[part * edgeTypes + type]!, 0) / parts.length)
  return [...shares, Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0))]
}

function at(row: number, column: number): number {
  return row * partsPerSide + column
}

function indices(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}

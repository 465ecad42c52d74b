import { VivantError } from '@vivant/core'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import { checkPixels } from './check-pixels.ts'
import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions } from './output-format.ts'
import { fromRawPixels, rawPixels } from './raw-pixels.ts'

export interface TileOptions extends OutputOptions {
  /** Of a tile, in pixels. */
  readonly width: number
  /** As the width if left out. */
  readonly height?: number
  /** How many pixels neighbours share. Default 0. */
  readonly overlap?: number
  /** What becomes of tiles that the picture's right and lower edge cut: `keep` them smaller (default), or `drop` them. */
  readonly edges?: 'keep' | 'drop'
}

/** A part of a picture and where it lies in it, in pixels, as the picture is seen. */
export interface Tile {
  readonly image: Uint8Array
  readonly column: number
  readonly row: number
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** So many pixels of a picture are held at a time: whole rows of tiles, at least one. */
const bandPixels = 32_000_000

/**
 * The tiles of a picture, row by row. The picture is decoded in bands, once if it is small, so it is never held as a whole.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 */
export async function* tilesOfImage(bytes: Uint8Array, options: TileOptions, signal?: AbortSignal): AsyncGenerator<Tile, void, undefined> {
  const size = parseSize(options)
  const { width, height } = await withImage(bytes, async (picture) => (await picture.metadata()).autoOrient, signal)
  const columns = startsOf(width, size.width, size.overlap, options.edges)
  const rows = startsOf(height, size.height, size.overlap, options.edges)
  const rowsOfBand = Math.max(1, Math.floor(bandPixels / (width * size.height)))
  for (let first = 0; first < rows.length; first += rowsOfBand) {
    const band = rows.slice(first, first + rowsOfBand)
    const top = band[0]!
    const bottom = Math.min(height, band.at(-1)! + size.height)
    const pixels = await withImage(bytes, (picture) => rawPixels(picture.extract({ left: 0, top, width, height: bottom - top })), signal)
    for (const [index, tileTop] of band.entries()) {
      for (const [column, left] of columns.entries()) {
        throwIfAborted(signal)
        const part = { left, top: tileTop, width: Math.min(size.width, width - left), height: Math.min(size.height, height - tileTop) }
        const image = await encodeImage(fromRawPixels(pixels).extract({ ...part, top: tileTop - top }), bytes, options)
        yield { image, column, row: first + index, ...part }
      }
    }
  }
}

function parseSize({ width, height = width, overlap = 0, edges = 'keep' }: TileOptions): {
  readonly width: number
  readonly height: number
  readonly overlap: number
} {
  checkPixels('width', width, { min: 1 })
  checkPixels('height', height, { min: 1 })
  checkPixels('overlap', overlap, { min: 0 })
  if (overlap >= Math.min(width, height)) throw new VivantError('VALUE_INVALID', `overlap must be less than a tile's width and height, not ${overlap}.`)
  if (edges !== 'keep' && edges !== 'drop') throw new VivantError('VALUE_INVALID', `edges is keep or drop, not ${JSON.stringify(edges)}.`)
  return { width, height, overlap }
}

/** Where tiles begin: until one reaches the end. What only repeats the overlap is no tile. */
function startsOf(length: number, size: number, overlap: number, edges: TileOptions['edges']): readonly number[] {
  const starts = [0]
  for (let start = size - overlap; start + overlap < length; start += size - overlap) starts.push(start)
  return edges === 'drop' ? starts.filter((start) => start + size <= length) : starts
}

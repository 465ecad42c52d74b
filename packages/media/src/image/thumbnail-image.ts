import type { Sharp } from 'sharp'
import { checkPixels } from './check-pixels.ts'
import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions } from './output-format.ts'

export interface ThumbnailOptions extends OutputOptions {
  /** The longer side, or both sides of a square, in pixels. Default 256. */
  readonly size?: number
  /** Cut to a square about the middle. Default false: the whole picture. */
  readonly square?: boolean
}

/**
 * A small copy to show in lists: never larger than the picture, a WebP unless another format is asked for.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 * @example await thumbnailImage(bytes, { size: 128, square: true })
 */
export async function thumbnailImage(bytes: Uint8Array, options: ThumbnailOptions = {}, signal?: AbortSignal): Promise<Uint8Array> {
  const { size = 256, square = false, format = 'webp' } = options
  checkPixels('size', size, { min: 1 })
  return withImage(
    bytes,
    async (picture) => {
      const side = square ? Math.min(size, ...(await sidesOf(picture))) : size
      const fit = square ? 'cover' : 'inside'
      return encodeImage(picture.resize({ width: side, height: side, fit, withoutEnlargement: true }), bytes, { ...options, format })
    },
    signal,
  )
}

async function sidesOf(picture: Sharp): Promise<readonly [number, number]> {
  const { width, height } = (await picture.metadata()).autoOrient
  return [width, height]
}

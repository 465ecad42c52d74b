import { VivantError } from '@vivant/core'
import { checkPixels } from './check-pixels.ts'
import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions, white } from './output-format.ts'

export interface ResizeOptions extends OutputOptions {
  /** In pixels. With one of width and height the other follows from the picture's shape. */
  readonly width?: number
  readonly height?: number
  /**
   * What happens when both are given and the shape differs. `inside` (default): the whole picture, as large as fits;
   * `outside`: the whole, covering both; `cover`: exactly that size, cut at the edges; `contain`: exactly that size, with
   * a background beside it; `fill`: exactly that size, distorted.
   */
  readonly fit?: 'inside' | 'outside' | 'cover' | 'contain' | 'fill'
  /** False leaves a smaller picture as it is. Default true. */
  readonly enlarge?: boolean
}

/**
 * A picture in another size, by Lanczos filtering, turned as it is seen.
 *
 * @throws VALUE_INVALID neither width nor height, or not a number of pixels; MEDIA_INVALID
 * @example await resizeImage(bytes, { width: 320 })
 */
export async function resizeImage(bytes: Uint8Array, options: ResizeOptions, signal?: AbortSignal): Promise<Uint8Array> {
  const { width, height, fit = 'inside', enlarge = true, background = white } = options
  if (width === undefined && height === undefined)
    throw new VivantError('VALUE_INVALID', 'image.resize needs a width or a height: image.resize(picture, { width: 320 }).')
  if (width !== undefined) checkPixels('width', width, { min: 1 })
  if (height !== undefined) checkPixels('height', height, { min: 1 })
  const size = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) }
  return withImage(bytes, (picture) => encodeImage(picture.resize({ ...size, fit, background, withoutEnlargement: !enlarge }), bytes, options), signal)
}

import { VivantError } from '@vivant/core'
import { checkPixels } from './check-pixels.ts'
import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions } from './output-format.ts'

/** A rectangle in pixels from the upper left corner of the picture as it is seen. */
export interface CropOptions extends OutputOptions {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/**
 * A part of a picture. It must lie within the picture altogether.
 *
 * @throws VALUE_INVALID beyond the edges: with the picture's size; MEDIA_INVALID
 * @example await cropImage(bytes, { left: 10, top: 20, width: 100, height: 50 })
 */
export async function cropImage(bytes: Uint8Array, options: CropOptions, signal?: AbortSignal): Promise<Uint8Array> {
  const { left, top, width, height } = options
  const limit = { max: 0xffffff }
  checkPixels('left', left, { min: 0, ...limit })
  checkPixels('top', top, { min: 0, ...limit })
  checkPixels('width', width, { min: 1, ...limit })
  checkPixels('height', height, { min: 1, ...limit })
  return withImage(
    bytes,
    async (picture) => {
      const { width: right, height: bottom } = (await picture.metadata()).autoOrient
      if (left + width > right || top + height > bottom) {
        throw new VivantError(
          'VALUE_INVALID',
          `The part (${left}, ${top}) to (${left + width}, ${top + height}) does not lie within the picture of ${right} × ${bottom} pixels.`,
        )
      }
      return encodeImage(picture.extract({ left, top, width, height }), bytes, options)
    },
    signal,
  )
}

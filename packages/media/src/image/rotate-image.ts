import { VivantError } from '@vivant/core'
import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions, white } from './output-format.ts'

export interface RotateOptions extends OutputOptions {
  /** Clockwise, any finite number. Multiples of 90 are exact; others enlarge the picture and fill its corners. */
  readonly degrees: number
}

/**
 * A turned picture.
 *
 * @throws VALUE_INVALID not a finite number; MEDIA_INVALID
 * @example await rotateImage(bytes, { degrees: 90 })
 */
export async function rotateImage(bytes: Uint8Array, options: RotateOptions, signal?: AbortSignal): Promise<Uint8Array> {
  const { degrees, background = white } = options
  if (!Number.isFinite(degrees)) throw new VivantError('VALUE_INVALID', `degrees must be a finite number, not ${degrees}.`)
  return withImage(bytes, (picture) => encodeImage(picture.rotate(degrees, { background }), bytes, options), signal)
}

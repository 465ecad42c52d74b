import { withImage } from './open-image.ts'
import { encodeImage, type ImageFormat, type OutputOptions } from './output-format.ts'

export interface ConvertOptions extends OutputOptions {
  readonly format: ImageFormat
}

/**
 * A picture in another format, turned as it is seen, in sRGB, without metadata. Of an animation, its first frame.
 *
 * @throws VALUE_INVALID no such format or quality; MEDIA_INVALID
 * @example await convertImage(bytes, { format: 'webp', quality: 70 })
 */
export async function convertImage(bytes: Uint8Array, options: ConvertOptions, signal?: AbortSignal): Promise<Uint8Array> {
  return withImage(bytes, (picture) => encodeImage(picture, bytes, options), signal)
}

import { withImage } from './open-image.ts'
import { rgbPixels } from './rgb-pixels.ts'
import { smallPicture } from './small-picture.ts'

/** Larger pictures are averaged down to this many pixels first, which moves the mean by less than 0.5. */
const maxPixels = 4_000_000

/**
 * How bright a picture is, 0 (black) to 255 (white): the mean over its pixels of the luma of ITU-R BT.601,
 * Y′ = 0.299 R′ + 0.587 G′ + 0.114 B′, of gamma-encoded 8-bit sRGB (as JPEG has it), transparent parts over white.
 * The first frame of an animation.
 *
 * @throws MEDIA_INVALID
 * @example (await meanLuma(bytes)) < 40 // a dark picture
 */
export async function meanLuma(bytes: Uint8Array, signal?: AbortSignal): Promise<number> {
  const { data } = await withImage(bytes, async (picture) => rgbPixels(await smallPicture(picture, maxPixels, 'linear')), signal)
  let [red, green, blue] = [0, 0, 0]
  for (let index = 0; index < data.length; index += 3) {
    red += data[index]!
    green += data[index + 1]!
    blue += data[index + 2]!
  }
  return (0.299 * red + 0.587 * green + 0.114 * blue) / (data.length / 3)
}

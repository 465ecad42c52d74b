import type { Sharp } from 'sharp'
import { white } from './output-format.ts'

/** Rows of pixels from top to bottom, three bytes each: red, green, blue of sRGB. */
export interface RgbPixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** Ends a pipeline: its pixels in sRGB, 8 bits each, over white where they are transparent. */
export async function rgbPixels(picture: Sharp): Promise<RgbPixels> {
  const { data, info } = await picture
    .flatten({ background: white })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

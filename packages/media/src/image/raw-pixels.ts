import sharp, { type OutputInfo, type Sharp } from 'sharp'

/** Rows of pixels from top to bottom in sRGB, 8 bits a channel, three channels or four (with alpha). */
export interface RawPixels {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
}

/** Ends a pipeline: its pixels, transparency kept. */
export async function rawPixels(picture: Sharp): Promise<RawPixels> {
  const { data, info } = await picture.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: channelsOf(info) }
}

/** A pipeline over pixels. */
export function fromRawPixels({ data, width, height, channels }: RawPixels): Sharp {
  return sharp(data, { raw: { width, height, channels } })
}

function channelsOf({ channels }: OutputInfo): 3 | 4 {
  return channels === 4 ? 4 : 3
}

import sharp from 'sharp'

/** A decoded picture. */
export interface RgbFrame {
  /** Rows from top to bottom, three bytes each: red, green, blue. */
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

export type FrameFormat = 'jpeg' | 'webp' | 'png'

export const defaultQuality = 90

/** A frame as a file's bytes. */
export function encodeFrame({ data, width, height }: RgbFrame, format: FrameFormat = 'jpeg', quality: number = defaultQuality): Promise<Uint8Array> {
  const picture = sharp(data, { raw: { width, height, channels: 3 } })
  return picture.toFormat(format, format === 'png' ? {} : { quality }).toBuffer()
}

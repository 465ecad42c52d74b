import sharp, { type Sharp } from 'sharp'

/** A picture with edges, colours and gradients, so that every codec has something to do. */
export function drawing(width: number = 320, height: number = 240): Sharp {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 320 240" preserveAspectRatio="none">
    <defs><linearGradient id="g"><stop offset="0" stop-color="#d22"/><stop offset="1" stop-color="#22d"/></linearGradient></defs>
    <rect width="320" height="240" fill="url(#g)"/><circle cx="100" cy="100" r="60" fill="#fc0"/><path d="M200 40L300 200L180 210Z" fill="#0a5"/></svg>`
  return sharp(Buffer.from(svg)).flatten()
}

/** One colour all over. */
export function plain(color: string, width: number = 16, height: number = 16): Sharp {
  return sharp({ create: { width, height, channels: 3, background: color } })
}

/** Four quarters: red and green above, blue and white below. EXIF orientation 1 to 8 says how it is to be turned. */
export async function quarters(orientation: number = 1, size: number = 32): Promise<Buffer> {
  const half = size / 2
  const at = (left: number, top: number, background: string) => ({
    input: { create: { width: half, height: half, channels: 3 as const, background } },
    left,
    top,
  })
  return plain('#f00', size, size)
    .composite([at(half, 0, '#0f0'), at(0, half, '#00f'), at(half, half, '#fff')])
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .withMetadata({ orientation })
    .toBuffer()
}

/** Raw sRGB bytes and size. */
export async function pixelsOf(
  bytes: Uint8Array,
): Promise<{ readonly data: Buffer; readonly width: number; readonly height: number; readonly channels: number }> {
  const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: info.channels }
}

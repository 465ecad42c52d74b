import type { Sharp } from 'sharp'
import { VivantError } from '@vivant/core'
import { rememberEncoded } from '../inspect/encoded-images.ts'

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif'

/** How a picture is written. */
export interface OutputOptions {
  /** Left out: the picture's own if it is one of these, else PNG. */
  readonly format?: ImageFormat
  /** 1 to 100, of JPEG (default 80), WebP (80) and AVIF (50). PNG loses nothing. */
  readonly quality?: number
  /** What shows through a transparent picture that becomes a JPEG, and beside a rotated one. Default white. */
  readonly background?: string
}

export const white = '#ffffff'

const formats: ReadonlySet<string> = new Set<ImageFormat>(['jpeg', 'png', 'webp', 'avif'])

/** Ends the pipeline over `source`: the bytes in the wanted format, without metadata, its colours in sRGB. */
export async function encodeImage(picture: Sharp, source: Uint8Array, options: OutputOptions): Promise<Uint8Array> {
  const { quality, background = white } = options
  const format = options.format ?? formatOf(source)
  if (!formats.has(format)) throw new VivantError('VALUE_INVALID', `${JSON.stringify(format)} is not a format: ${[...formats].join(', ')}.`)
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100)) {
    throw new VivantError('VALUE_INVALID', `quality must be a whole number from 1 to 100, not ${quality}.`)
  }
  return rememberEncoded(await encoders[format](picture, quality === undefined ? {} : { quality }, background).toBuffer())
}

type Encoder = (picture: Sharp, options: { readonly quality?: number }, background: string) => Sharp

const encoders: Readonly<Record<ImageFormat, Encoder>> = {
  jpeg: (picture, options, background) => picture.flatten({ background }).jpeg(options),
  png: (picture) => picture.png(),
  webp: (picture, options) => picture.webp(options),
  // Effort 2 of 9 takes a third of the default's time for files a few per cent larger.
  avif: (picture, options) => picture.avif({ ...options, effort: 2 }),
}

/** By the first bytes, as opening it again for its header would cost a turn in the queue of the decoding threads. */
function formatOf(source: Uint8Array): ImageFormat {
  const start = Buffer.from(source.buffer, source.byteOffset, Math.min(source.byteLength, 12)).toString('latin1')
  if (start.startsWith('\xff\xd8')) return 'jpeg'
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'webp'
  return start.slice(4) === 'ftypavif' ? 'avif' : 'png'
}

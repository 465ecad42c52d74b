import sharp from 'sharp'
import { type MediaInput, VivantError } from '@vivant/core'
import { bytesOfImage } from '../image/bytes-of-image.ts'
import { findDecoder } from './decoder/find-decoder.ts'
import type { FrameSize } from './decoder/video-decoder.ts'
import { withOutput } from './with-output.ts'

export interface FilmOptions {
  /** Frames a second. Default 25. */
  readonly fps?: number
  /** Of H.264: 0 (best) to 51. Default 23. */
  readonly quality?: number
}

/**
 * An MP4 (H.264) that shows pictures one after the other, in the size of the first; others are fitted into it, on black.
 *
 * @throws VALUE_INVALID no pictures, no such rate; MEDIA_INVALID
 * @example await filmFromFrames(['./1.jpg', './2.jpg'], { fps: 2 })
 */
export async function filmFromFrames(
  pictures: readonly MediaInput[],
  options: FilmOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Uint8Array> {
  const { fps = 25, quality = 23 } = options
  if (pictures.length === 0) throw new VivantError('VALUE_INVALID', 'A film needs one picture at least.')
  if (!(fps > 0 && fps <= 1000)) throw new VivantError('VALUE_INVALID', `fps must be a number up to 1000, not ${fps}.`)
  if (!(Number.isInteger(quality) && quality >= 0 && quality <= 51))
    throw new VivantError('VALUE_INVALID', `quality must be a whole number from 0 to 51, not ${quality}.`)
  const { autoOrient } = await sharp(await bytesOfImage(pictures[0]!, signal)).metadata()
  const size = { width: autoOrient.width, height: autoOrient.height }
  const decoder = await findDecoder()
  return withOutput('mp4', (path) => decoder.writeFilm(path, { video: { size, rate: fps, quality, frames: pixelsOf(pictures, size, signal) } }, { signal }))
}

async function* pixelsOf(pictures: readonly MediaInput[], size: FrameSize, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  for (const picture of pictures) {
    yield await sharp(await bytesOfImage(picture, signal))
      .autoOrient()
      .resize({ ...size, fit: 'contain', background: '#000' })
      .flatten()
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer()
  }
}

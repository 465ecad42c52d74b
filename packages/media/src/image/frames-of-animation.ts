import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions } from './output-format.ts'
import { fromRawPixels, rawPixels } from './raw-pixels.ts'

/** A frame of an animation, composed as it is seen. */
export interface AnimationFrame {
  readonly image: Uint8Array
  /** From 0. */
  readonly index: number
  /** When it is first shown, from the beginning. */
  readonly timestampMs: number
  /** How long, as the file says; 0 in some, which viewers take for 100. */
  readonly durationMs: number
}

/** So many pixels are decoded at a time: frames build on earlier ones, so one by one would decode the beginning again and again. */
const batchPixels = 16_000_000

/**
 * The frames of an animated GIF or WebP, or the pages of a TIFF; one of any other picture.
 *
 * @throws MEDIA_INVALID
 */
export async function* framesOfAnimation(bytes: Uint8Array, options: OutputOptions, signal?: AbortSignal): AsyncGenerator<AnimationFrame, void, undefined> {
  const { pages = 1, delay = [], width, height, pageHeight = height, format } = await withImage(bytes, (picture) => picture.metadata(), signal)
  const isAnimation = format === 'gif' || format === 'webp'
  const batch = isAnimation ? Math.max(1, Math.floor(batchPixels / (width * pageHeight))) : 1
  let timestampMs = 0
  for (let first = 0; first < pages; first += batch) {
    const count = Math.min(batch, pages - first)
    const pixels = await withImage(bytes, rawPixels, signal, { page: first, pages: count })
    const frameHeight = pixels.height / count
    for (let offset = 0; offset < count; offset++) {
      const index = first + offset
      const durationMs = delay[index] ?? 0
      const frame =
        count === 1 ? fromRawPixels(pixels) : fromRawPixels(pixels).extract({ left: 0, top: offset * frameHeight, width: pixels.width, height: frameHeight })
      yield { image: await encodeImage(frame, bytes, options), index, timestampMs, durationMs }
      timestampMs += durationMs
    }
  }
}

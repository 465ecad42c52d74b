import sharp, { type Sharp } from 'sharp'
import { VivantError } from '@vivant/core'
import { defaultLimitInputPixels } from '../inspect/inspect-media.ts'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import { reasonOf } from './reason-of.ts'

/** Per call: sharp cannot be stopped from outside once it runs. */
const timeoutSeconds = 120

/**
 * Runs one sharp pipeline over a picture that is turned as it is seen (EXIF orientation). Rows are read once, from top
 * to bottom, so a large picture is never held as a whole. What sharp throws becomes MEDIA_INVALID with the reason.
 */
export async function withImage<R>(
  bytes: Uint8Array,
  work: (picture: Sharp) => Promise<R>,
  signal?: AbortSignal,
  frames: { readonly page?: number; readonly pages?: number } = {},
): Promise<R> {
  throwIfAborted(signal)
  try {
    const picture = sharp(bytes, { failOn: 'warning', sequentialRead: true, limitInputPixels: defaultLimitInputPixels, ...frames })
    return await work(picture.timeout({ seconds: timeoutSeconds }).autoOrient())
  } catch (error) {
    if (error instanceof VivantError) throw error
    throw new VivantError('MEDIA_INVALID', `The image cannot be processed: ${reasonOf(error)}.`, { cause: error })
  }
}

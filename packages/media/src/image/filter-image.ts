import { VivantError } from '@vivant/core'
import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions } from './output-format.ts'

export interface BlurOptions extends OutputOptions {
  /** Standard deviation of the Gaussian, in pixels: 0.3 to 1000. */
  readonly sigma: number
}

/** @throws VALUE_INVALID, MEDIA_INVALID */
export async function blurImage(bytes: Uint8Array, options: BlurOptions, signal?: AbortSignal): Promise<Uint8Array> {
  checkRange('sigma', options.sigma, 0.3, 1000)
  return withImage(bytes, (picture) => encodeImage(picture.blur(options.sigma), bytes, options), signal)
}

export interface SharpenOptions extends OutputOptions {
  /** Of the mask's Gaussian, in pixels: 0.3 to 10. Default 1. */
  readonly sigma?: number
  /** How much edges are sharpened: 0 to 100. Default 2. */
  readonly amount?: number
}

/** By an unsharp mask on lightness. @throws VALUE_INVALID, MEDIA_INVALID */
export async function sharpenImage(bytes: Uint8Array, options: SharpenOptions, signal?: AbortSignal): Promise<Uint8Array> {
  const { sigma = 1, amount = 2 } = options
  checkRange('sigma', sigma, 0.3, 10)
  checkRange('amount', amount, 0, 100)
  return withImage(bytes, (picture) => encodeImage(picture.sharpen({ sigma, m2: amount }), bytes, options), signal)
}

export interface ThresholdOptions extends OutputOptions {
  /** From this level on a pixel becomes white, below it black: 1 to 255. Default 128. */
  readonly level?: number
}

/** Black and white, by luma. @throws VALUE_INVALID, MEDIA_INVALID */
export async function thresholdImage(bytes: Uint8Array, options: ThresholdOptions, signal?: AbortSignal): Promise<Uint8Array> {
  const { level = 128 } = options
  if (!Number.isInteger(level)) throw new VivantError('VALUE_INVALID', `level must be a whole number, not ${level}.`)
  checkRange('level', level, 1, 255)
  return withImage(bytes, (picture) => encodeImage(picture.threshold(level, { greyscale: true }), bytes, options), signal)
}

export function checkRange(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return
  throw new VivantError('VALUE_INVALID', `${name} must be a number from ${min} to ${max}, not ${value}.`, { details: { option: name } })
}

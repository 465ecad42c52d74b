import { VivantError } from '@vivant/core'

/** Refuses what is no count of pixels (VALUE_INVALID). The greatest is what JPEG, WebP and AVIF can hold. */
export function checkPixels(name: string, value: number, { min, max = 16_383 }: { readonly min: number; readonly max?: number }): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new VivantError('VALUE_INVALID', `${name} must be a whole number of pixels from ${min} to ${max}, not ${value}.`, { details: { option: name } })
}

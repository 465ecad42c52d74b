import { VivantError } from '../error/vivant-error.ts'
import { invalidValue } from './invalid-value.ts'
import type { ValueLimits } from './value-limits.ts'

/** A text that PostgreSQL can hold: no NUL character, no half of a surrogate pair, not too long. */
export function validateText(value: unknown, path: string, limits: ValueLimits): string {
  if (typeof value !== 'string') throw invalidValue(path, 'is not a text')
  if (value.includes('\0')) throw invalidValue(path, 'contains a NUL character, which PostgreSQL cannot store')
  if (!value.isWellFormed()) throw invalidValue(path, 'contains half of a surrogate pair, so it is no Unicode text')
  checkSize(value.length * 3 > limits.maxBytes ? Buffer.byteLength(value) : value.length, path, limits)
  return value
}

export function checkSize(sizeBytes: number, path: string, limits: ValueLimits): void {
  if (sizeBytes <= limits.maxBytes) return
  const message = `is larger than ${limits.maxBytes} bytes; keep large content as media`
  throw new VivantError('TOO_LARGE', path === '' ? message : `${path}: ${message}`, { details: { path, sizeBytes, maxBytes: limits.maxBytes } })
}

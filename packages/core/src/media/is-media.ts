import type { Media } from './media.ts'

/** Whether a value is a handle on stored bytes. */
export function isMedia(value: unknown): value is Media {
  return (
    typeof value === 'object' &&
    value !== null &&
    'reference' in value &&
    typeof value.reference === 'string' &&
    'kind' in value &&
    'bytes' in value &&
    typeof value.bytes === 'function'
  )
}

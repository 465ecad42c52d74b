import { VivantError } from '../error/vivant-error.ts'
import { isMedia } from '../media/is-media.ts'
import type { DataType } from '../value/data-type.ts'
import { describeValue } from '../value/describe-value.ts'

/** The type that a value has by itself, where no other says what is wanted. Throws TYPE_MISMATCH for what is no value (null, functions, …). */
export function typeOfValue(value: unknown): DataType {
  switch (typeof value) {
    case 'string':
      return { kind: 'text' }
    case 'number':
      return { kind: Number.isSafeInteger(value) ? 'int' : 'float' }
    case 'bigint':
      return { kind: 'bigint' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'object':
      if (value instanceof Date) return { kind: 'timestamp' }
      if (value instanceof Float32Array) return { kind: 'vector', dimensions: value.length }
      if (value instanceof Uint8Array) return { kind: 'binary' }
      if (isMedia(value)) return { kind: value.kind }
      break
    default:
  }
  throw new VivantError('TYPE_MISMATCH', `${describeValue(value)} cannot be a constant of an expression`)
}

import { type DataType, decodeJson, VivantError } from '@vivant/core'
import { isJsonArray } from './pg-type.ts'

/**
 * A column's value from what the driver gave (with `typeParsers`). Null stays null.
 *
 * Throws VALUE_INVALID for what the type cannot hold, which only other clients can have written: an int8 beyond 2^53 in an
 * int column, a JSON object that is not the record.
 */
export function decodeValue(type: DataType, value: unknown): unknown {
  let decode = decoders.get(type)
  if (decode === undefined) decoders.set(type, (decode = valueDecoder(type)))
  return decode(value)
}

const decoders = new WeakMap<DataType, (value: unknown) => unknown>()

/** The same for a batch: chosen once per column. */
export function valueDecoder(type: DataType): (value: unknown) => unknown {
  switch (type.kind) {
    case 'int':
      return (value) => (typeof value === 'number' || value === null ? value : decodeInt(value))
    case 'bigint':
      return (value) => (value === null ? null : decodeBigint(value))
    case 'vector':
      return (value) => (value === null ? null : decodeVector(value as string))
    case 'record':
      return (value) => decodeJson(type, value)
    case 'array': {
      if (isJsonArray(type)) return (value) => decodeJson(type, value)
      const kind = type.element.kind
      if (kind !== 'int' && kind !== 'bigint') return asItIs
      const decode = valueDecoder(type.element)
      return (value) => (value === null ? null : (value as readonly unknown[]).map(decode))
    }
    default:
      return asItIs
  }
}

function asItIs(value: unknown): unknown {
  return value
}

function decodeInt(value: unknown): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new VivantError('VALUE_INVALID', `${String(value)} is no whole number between -2^53 and 2^53: declare the column as bigint.`)
}

function decodeBigint(value: unknown): bigint {
  try {
    return BigInt(value as string)
  } catch (cause) {
    throw new VivantError('VALUE_INVALID', `${String(value)} is no whole number.`, { cause })
  }
}

/** The text form of pgvector is a JSON array, and V8 parses that faster than a split and a conversion of each part. */
function decodeVector(value: string): Float32Array {
  return Float32Array.from(JSON.parse(value) as number[])
}

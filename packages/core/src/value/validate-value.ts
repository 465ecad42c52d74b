import { isMedia } from '../media/is-media.ts'
import { type ArrayDataType, type DataType, isMediaType, type MediaDataType, type RecordDataType, type VectorDataType } from './data-type.ts'
import { describeValue } from './describe-value.ts'
import { invalidValue } from './invalid-value.ts'
import { plainEntries, plainObject } from './plain-object.ts'
import { validateJson } from './validate-json.ts'
import { checkSize, validateText } from './validate-text.ts'
import { validateDate, validateTimestamp } from './validate-time.ts'
import { defaultValueLimits, type ValueLimits } from './value-limits.ts'

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const referencePattern = /^[a-z][a-z0-9+.-]*:\/\/\S/i
/** The first whole number that numeric(20, 0) does not hold. */
const bigintLimit = 10n ** 20n

/**
 * The value as the engine holds it, or VALUE_INVALID with the reason (TOO_LARGE for its size). `path` names the value in the message.
 *
 * Normalised: timestamps become `Date`, uuids lower case, bigints `bigint`, vectors `Float32Array` (rounded to float4), media their
 * reference, records all their fields in order. Floats may be NaN or infinite, as in PostgreSQL; JSON numbers and vectors may not.
 * Null is not a value: whether it is allowed is the caller's to know.
 */
export function validateValue(value: unknown, type: DataType, path: string, limits: ValueLimits = defaultValueLimits): unknown {
  switch (type.kind) {
    case 'text':
      return validateText(typeof value === 'string' ? value : mismatch(value, 'text', path), path, limits)
    case 'enum':
      if (typeof value !== 'string' || !type.values.includes(value)) return mismatch(value, `one of ${type.values.join(', ')}`, path)
      return value
    case 'int':
      if (typeof value !== 'number') return mismatch(value, 'an int', path)
      if (!Number.isSafeInteger(value)) throw invalidValue(path, `${value} is no whole number between -2^53 and 2^53`)
      return value === 0 ? 0 : value
    case 'float':
      return typeof value === 'number' ? value : mismatch(value, 'a float', path)
    case 'bigint':
      return validateBigint(value, path)
    case 'boolean':
      return typeof value === 'boolean' ? value : mismatch(value, 'a boolean', path)
    case 'timestamp':
      return validateTimestamp(value, path)
    case 'date':
      return validateDate(value, path)
    case 'uuid':
      return typeof value === 'string' && uuidPattern.test(value) ? value.toLowerCase() : mismatch(value, 'a uuid', path)
    case 'binary':
      if (!(value instanceof Uint8Array)) return mismatch(value, 'a Uint8Array', path)
      checkSize(value.byteLength, path, limits)
      return value
    case 'json':
      return validateJson(value, path, limits)
    case 'record':
      return validateRecord(value, type, path, limits)
    case 'array':
      return validateArray(value, type, path, limits)
    case 'vector':
      return validateVector(value, type, path)
    default:
      return isMediaType(type) ? validateReference(value, type, path, limits) : (type satisfies never)
  }
}

function mismatch(value: unknown, wanted: string, path: string): never {
  throw invalidValue(path, `${describeValue(value)} is not ${wanted}`)
}

function validateBigint(value: unknown, path: string): bigint {
  if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isSafeInteger(value))) {
    return mismatch(value, 'a bigint (or a safe whole number)', path)
  }
  const whole = BigInt(value)
  if (whole >= bigintLimit || whole <= -bigintLimit) throw invalidValue(path, `${whole} has more than 20 digits`)
  return whole
}

function validateRecord(value: unknown, type: RecordDataType, path: string, limits: ValueLimits): unknown {
  const entries = plainEntries(value)
  if (entries === undefined) return mismatch(value, 'an object of fields', path)
  const unknown = entries.find(([name, item]) => item !== undefined && !Object.hasOwn(type.fields, name))
  if (unknown !== undefined) throw invalidValue(path, `has no field '${unknown[0]}'; its fields are ${Object.keys(type.fields).join(', ')}`)
  const given = new Map(entries)
  return plainObject(
    Object.entries(type.fields).map(([name, field]) => {
      const item = given.get(name) ?? null
      const place = path === '' ? name : `${path}.${name}`
      if (item === null && !field.nullable) throw invalidValue(place, 'is missing')
      return [name, item === null ? null : validateValue(item, field.type, place, limits)]
    }),
  )
}

function validateArray(value: unknown, type: ArrayDataType, path: string, limits: ValueLimits): unknown {
  if (!Array.isArray(value)) return mismatch(value, 'an array', path)
  return Array.from(value, (item: unknown, index) => validateValue(item, type.element, `${path}[${index}]`, limits))
}

function validateVector(value: unknown, type: VectorDataType, path: string): Float32Array {
  if (!(value instanceof Float32Array) && !(Array.isArray(value) && value.every((item) => typeof item === 'number'))) {
    return mismatch(value, 'a vector (a Float32Array or numbers)', path)
  }
  if (value.length !== type.dimensions) throw invalidValue(path, `has ${value.length} dimensions instead of ${type.dimensions}`)
  const vector = new Float32Array(value)
  const wrong = vector.findIndex((item) => !Number.isFinite(item))
  if (wrong !== -1) throw invalidValue(`${path}[${wrong}]`, `${value[wrong]} is not finite as a 32-bit float`)
  return vector
}

function validateReference(value: unknown, type: MediaDataType, path: string, limits: ValueLimits): string {
  const reference = isMedia(value) ? value.reference : value
  if (typeof reference !== 'string' || !referencePattern.test(reference)) {
    return mismatch(value, `a reference to ${type.kind === 'file' ? 'a file' : `${type.kind} content`}, such as vivant://… or https://…`, path)
  }
  return validateText(reference, path, limits)
}

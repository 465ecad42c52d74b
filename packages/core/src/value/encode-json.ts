import type { DataType } from './data-type.ts'
import { plainObject } from './plain-object.ts'

/**
 * The JSON form of a value that `validateValue` accepted: how literals and defaults stand in the catalog and how a cast to json reads it.
 * Timestamps are ISO 8601, bigints digits in a string, binary base64, vectors number arrays, media their reference, a NaN or infinite
 * float its name in a string. Null stays null.
 */
export function encodeJson(type: DataType, value: unknown): unknown {
  if (value === null) return null
  switch (type.kind) {
    case 'float':
      return Number.isFinite(value) ? value : (value as number).toString()
    case 'bigint':
      return (value as bigint).toString()
    case 'timestamp':
      return (value as Date).toISOString()
    case 'binary':
      return Buffer.from(value as Uint8Array).toString('base64')
    case 'vector':
      return numbersOf(value as Float32Array)
    case 'array':
      return (value as readonly unknown[]).map((item) => encodeJson(type.element, item))
    case 'record': {
      const fields = value as Readonly<Record<string, unknown>>
      return plainObject(Object.entries(type.fields).map(([name, field]) => [name, encodeJson(field.type, fields[name] ?? null)]))
    }
    default:
      return value
  }
}

/** As `Array.from`, which asks for an iterator and takes ten times as long. */
function numbersOf(vector: Float32Array): number[] {
  const numbers: number[] = []
  for (let index = 0; index < vector.length; index++) numbers.push(vector[index] as number)
  return numbers
}

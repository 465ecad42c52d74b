import type { DataType } from './data-type.ts'

/**
 * Whether two values of a type are equal as PostgreSQL's `is not distinct from` has it: null equals null, NaN equals NaN, -0 equals 0,
 * JSON objects regardless of their keys' order, vectors after rounding to 32 bits, media by reference.
 */
export function valuesEqual(type: DataType, a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b
  switch (type.kind) {
    case 'float':
      return a === b || (Number.isNaN(a) && Number.isNaN(b))
    case 'timestamp':
      return (a as Date).getTime() === (b as Date).getTime()
    case 'binary':
      return Buffer.compare(a as Uint8Array, b as Uint8Array) === 0
    case 'vector':
      return everyItem(a as ArrayLike<unknown>, b as ArrayLike<unknown>, (x, y) => Math.fround(x as number) === Math.fround(y as number))
    case 'array':
      return everyItem(a as ArrayLike<unknown>, b as ArrayLike<unknown>, (x, y) => valuesEqual(type.element, x, y))
    case 'record':
      return Object.entries(type.fields).every(([name, field]) => valuesEqual(field.type, fieldOf(a, name), fieldOf(b, name)))
    case 'json':
      return jsonEqual(a, b)
    default:
      return a === b
  }
}

function fieldOf(record: unknown, name: string): unknown {
  return (record as Readonly<Record<string, unknown>>)[name] ?? null
}

function jsonEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && everyItem(a, b, jsonEqual)
  const [left, right] = [definedEntries(a), new Map(definedEntries(b))]
  return left.length === right.size && left.every(([key, item]) => right.has(key) && jsonEqual(item, right.get(key)))
}

/** JSON has no undefined: such a property is not there. */
function definedEntries(object: object): [string, unknown][] {
  return Object.entries(object).filter(([, item]) => item !== undefined)
}

function everyItem(a: ArrayLike<unknown>, b: ArrayLike<unknown>, equal: (a: unknown, b: unknown) => boolean): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (!equal(a[index], b[index])) return false
  return true
}

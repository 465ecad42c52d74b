import type { DataType } from '../../value/data-type.ts'
import { dayNumber } from './calendar.ts'

/**
 * The order of a type's values, as PostgreSQL has it: negative, zero or positive. NaN is greater than every number and equal to
 * itself; text goes by code point; for types without an order this is not called.
 */
export function comparator(type: DataType): (a: never, b: never) => number {
  switch (type.kind) {
    case 'float':
      return compareFloats
    case 'timestamp':
      return (a: Date, b: Date) => a.getTime() - b.getTime()
    case 'date':
      return compareDates
    case 'binary':
      return (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b)
    case 'int':
    case 'bigint':
    case 'uuid':
    case 'boolean':
      return (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0)
    default:
      return compareText
  }
}

function compareFloats(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/**
 * By code point, as the bytes of UTF-8 are ordered. JavaScript's `<` goes by UTF-16 units, where the surrogates of
 * U+10000 and up lie below U+E000 to U+FFFF.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function compareDates(a: string, b: string): number {
  // Only other clients can have written a date before year 1 or after 9999, which is longer.
  if (a.length === 10 && b.length === 10) return a < b ? -1 : a > b ? 1 : 0
  const [x, y] = [dayNumber(a), dayNumber(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

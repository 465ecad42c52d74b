import { describeValue } from './describe-value.ts'
import { invalidValue } from './invalid-value.ts'
import { plainEntries, plainObject } from './plain-object.ts'
import { checkSize, validateText } from './validate-text.ts'
import type { ValueLimits } from './value-limits.ts'

/** A JSON value. What `JSON.stringify` would drop or change without a word is refused, except properties that are undefined. */
export function validateJson(value: unknown, path: string, limits: ValueLimits): unknown {
  const size = { bytes: 0 }
  const result = walk(value, path, limits, size, 0)
  checkSize(size.bytes, path, limits)
  return result
}

// PostgreSQL and JavaScript both recurse into JSON; this is far below where either gives up.
const maxDepth = 500

function walk(value: unknown, path: string, limits: ValueLimits, size: { bytes: number }, depth: number): unknown {
  size.bytes += 8
  if (depth > maxDepth) throw invalidValue(path, `is nested deeper than ${maxDepth} levels (or contains itself)`)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalidValue(path, `${value} is no JSON number`)
    return value === 0 ? 0 : value
  }
  if (typeof value === 'string') {
    size.bytes += Buffer.byteLength(value)
    return validateText(value, path, limits)
  }
  if (Array.isArray(value)) return Array.from(value, (item, index) => walk(item, `${path}[${index}]`, limits, size, depth + 1))
  const entries = plainEntries(value)
  if (entries === undefined) throw invalidValue(path, `${describeValue(value)} is no JSON value`)
  return plainObject(
    entries
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => {
        size.bytes += Buffer.byteLength(validateText(key, `${path} (a key)`, limits))
        return [key, walk(item, path === '' ? key : `${path}.${key}`, limits, size, depth + 1)]
      }),
  )
}

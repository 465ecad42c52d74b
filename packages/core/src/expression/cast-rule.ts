import { type DataType, isMediaType } from '../value/data-type.ts'
import { isSameType } from '../value/same-type.ts'
import { hasTextForm } from '../value/text-form.ts'

/**
 * How a value of one type becomes one of another:
 *
 * | rule | from → to | meaning |
 * |---|---|---|
 * | `same` | a type to itself; enum → text; media ↔ media | the value as it is |
 * | `text` | any with a text form → text | `textForm(from, value)` |
 * | `json` | any but binary and vector → json | `encodeJson(from, value)`: a text becomes a JSON string |
 * | `widen` | int → float; int → bigint; boolean → int (1, 0) and float; date → timestamp (its midnight, UTC); bigint → float (nearest); vector → array of float | never fails |
 * | `day` | timestamp → date | its day in UTC |
 * | `narrow` | float → int and bigint (half away from zero); bigint → int; array of numbers → vector | fails on NaN, outside the range, with another length |
 * | `parse` | text → int, float, bigint, boolean (`true`, `false`), timestamp, date, uuid, enum, media | fails unless the text (trimmed of ASCII white space) is the text form of such a value, or another spelling that `validateValue` takes |
 * | `read` | json → any other | `decodeJson(to, value)`: fails where `jsonAs` gives null |
 */
export type CastRule = 'same' | 'text' | 'json' | 'widen' | 'day' | 'narrow' | 'parse' | 'read'

/** Whether such a cast can fail with a value: then an expression with it is never a virtual column. */
export const castMayFail: Readonly<Record<CastRule, boolean>> = Object.freeze({
  same: false,
  text: false,
  json: false,
  widen: false,
  day: false,
  narrow: true,
  parse: true,
  read: true,
})

const widened: ReadonlySet<string> = new Set(['int float', 'int bigint', 'boolean int', 'boolean float', 'date timestamp', 'bigint float'])
const narrowed: ReadonlySet<string> = new Set(['float int', 'float bigint', 'bigint int'])
const parsed: ReadonlySet<string> = new Set(['int', 'float', 'bigint', 'boolean', 'timestamp', 'date', 'uuid', 'enum'])

/** The rule of a cast; undefined when there is none. */
export function castRule(from: DataType, to: DataType): CastRule | undefined {
  if (isSameType(from, to) || (from.kind === 'enum' && to.kind === 'text') || (isMediaType(from) && isMediaType(to))) return 'same'
  if (to.kind === 'text') return hasTextForm(from) ? 'text' : undefined
  if (to.kind === 'json') return hasTextForm(from) ? 'json' : undefined
  if (from.kind === 'json') return 'read'
  const pair = `${from.kind} ${to.kind}`
  if (widened.has(pair) || (from.kind === 'vector' && to.kind === 'array' && to.element.kind === 'float')) return 'widen'
  if (pair === 'timestamp date') return 'day'
  if (narrowed.has(pair) || (from.kind === 'array' && isNumber(from.element) && to.kind === 'vector')) return 'narrow'
  return (from.kind === 'text' || from.kind === 'enum') && (parsed.has(to.kind) || isMediaType(to)) ? 'parse' : undefined
}

function isNumber(type: DataType): boolean {
  return type.kind === 'int' || type.kind === 'float'
}

import type { DataType } from '../value/data-type.ts'
import { invalidValue } from '../value/invalid-value.ts'
import { validateValue } from '../value/validate-value.ts'
import type { StoredColumnDefinition } from '../schema/table-definition.ts'

type Rules = Pick<StoredColumnDefinition, 'type' | 'min' | 'max' | 'validate'>

/** A value as this column stores it: of its type, within `min` and `max`, accepted by its schema. VALUE_INVALID otherwise. Not for null. */
export function validateColumnValue(value: unknown, column: Rules, path: string): unknown {
  const valid = validateValue(value, column.type, path)
  checkBounds(valid, column, path)
  return column.validate === undefined ? valid : validateValue(column.validate(valid), column.type, path)
}

/** The column's rules beyond its type as one function, or undefined when it has none. Null passes: whether it may stand is said elsewhere. */
export function columnRules(column: Rules): ((value: unknown) => unknown) | undefined {
  if (column.min === null && column.max === null) return column.validate
  return (value) => {
    if (value === null) return null
    checkBounds(value, column, '')
    return column.validate === undefined ? value : column.validate(value)
  }
}

function checkBounds(value: unknown, { type, min, max }: Rules, path: string): void {
  const size = sizeOf(type, value)
  // Negated, so that NaN, which PostgreSQL orders above every number, fails `max` and passes `min`.
  if (min !== null && size < min) throw invalidValue(path, `${what(type)} ${size} is less than ${min}`)
  if (max !== null && !(size <= max)) throw invalidValue(path, `${what(type)} ${size} is more than ${max}`)
}

function sizeOf(type: DataType, value: unknown): number | bigint {
  return type.kind === 'text' ? Array.from(value as string).length : (value as number | bigint)
}

function what(type: DataType): string {
  return type.kind === 'text' ? 'length' : 'the value'
}

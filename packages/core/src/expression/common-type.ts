import type { DataType } from '../value/data-type.ts'
import { isCompatibleType, isSameType } from '../value/same-type.ts'

/** The one type of two operands: their own if it is the same, float for int and float, text for different enums. Undefined when there is none. */
export function commonType(a: DataType, b: DataType): DataType | undefined {
  if (isSameType(a, b)) return a
  if (!isCompatibleType(a, b)) return undefined
  if (a.kind === 'int' || a.kind === 'float') return { kind: 'float' }
  if (a.kind === 'text' || a.kind === 'enum') return { kind: 'text' }
  if (a.kind === 'array' && b.kind === 'array') {
    const element = commonType(a.element, b.element)
    return element && { kind: 'array', element }
  }
  return a
}

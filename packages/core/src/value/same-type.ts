import type { DataType } from './data-type.ts'

/** Whether two types are one: same kind, same values, fields (in any order), element and dimensions. */
export function isSameType(a: DataType, b: DataType): boolean {
  return fits(a, b, isSameType, (x, y) => x.kind === y.kind)
}

/**
 * Whether an expression of `from` may stand where `to` is wanted: the same type, or int beside float, or enum beside text.
 * Whether a float is a whole number and a text a member is then seen with each value.
 */
export function isCompatibleType(from: DataType, to: DataType): boolean {
  return fits(from, to, isCompatibleType, (x, y) => x.kind === y.kind || (isNumber(x) && isNumber(y)) || (isText(x) && isText(y)))
}

function fits(a: DataType, b: DataType, inner: (a: DataType, b: DataType) => boolean, scalar: (a: DataType, b: DataType) => boolean): boolean {
  if (a.kind === 'array' && b.kind === 'array') return inner(a.element, b.element)
  if (a.kind === 'vector' && b.kind === 'vector') return a.dimensions === b.dimensions
  if (a.kind === 'enum' && b.kind === 'enum' && inner === isSameType) {
    return a.values.length === b.values.length && a.values.every((value, index) => value === b.values[index])
  }
  if (a.kind === 'record' && b.kind === 'record') {
    // what is never null goes wherever null may be
    const nullsFit = (from: boolean, to: boolean): boolean => from === to || (to && inner !== isSameType)
    const names = Object.keys(a.fields)
    return (
      names.length === Object.keys(b.fields).length &&
      names.every((name) => {
        const [x, y] = [a.fields[name], Object.hasOwn(b.fields, name) ? b.fields[name] : undefined]
        return x !== undefined && y !== undefined && nullsFit(x.nullable, y.nullable) && inner(x.type, y.type)
      })
    )
  }
  return scalar(a, b)
}

function isNumber(type: DataType): boolean {
  return type.kind === 'int' || type.kind === 'float'
}

function isText(type: DataType): boolean {
  return type.kind === 'text' || type.kind === 'enum'
}

import { type DataType, VivantError } from '@vivant/core'

/**
 * The PostgreSQL type that holds a value of this type: of columns, cells, and the casts of parameters.
 *
 * @example
 * pgType({ kind: 'array', element: { kind: 'int' } })   // 'int8[]'
 */
export function pgType(type: DataType): string {
  switch (type.kind) {
    case 'int':
      return 'int8'
    case 'float':
      return 'float8'
    case 'bigint':
      return 'numeric(20,0)'
    case 'boolean':
      return 'bool'
    case 'timestamp':
      return 'timestamptz(3)'
    case 'date':
      return 'date'
    case 'uuid':
      return 'uuid'
    case 'binary':
      return 'bytea'
    case 'json':
    case 'record':
      return 'jsonb'
    case 'vector':
      return `vector(${type.dimensions})`
    case 'array':
      return isJsonArray(type) ? 'jsonb' : `${pgType(type.element)}[]`
    case 'text':
    case 'enum':
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'file':
      return 'text'
    default:
      return unknownType(type)
  }
}

/**
 * Whether an array is one jsonb value: where its elements are structures themselves. PostgreSQL's arrays of arrays must be
 * rectangular and flatten in `unnest`, and an array of jsonb gains nothing over jsonb.
 */
export function isJsonArray(type: DataType): boolean {
  if (type.kind !== 'array') return false
  const element = type.element.kind
  return element === 'json' || element === 'record' || element === 'array' || element === 'vector'
}

function unknownType(type: never): never {
  throw new VivantError('EXPRESSION_INVALID', `${JSON.stringify(type)} is no data type.`)
}

import { VivantError } from '../error/vivant-error.ts'
import type { DataType, DataTypeKind } from './data-type.ts'
import { plainEntries } from './plain-object.ts'

/** Which kinds say all by their name. */
const isSimple: Readonly<Record<DataTypeKind, boolean>> = {
  text: true,
  int: true,
  float: true,
  bigint: true,
  boolean: true,
  timestamp: true,
  date: true,
  uuid: true,
  binary: true,
  json: true,
  image: true,
  video: true,
  audio: true,
  document: true,
  file: true,
  enum: false,
  record: false,
  array: false,
  vector: false,
}

/** A type from its JSON, as the catalog has it. Throws EXPRESSION_INVALID, naming the place, when it is none. */
export function parseDataType(json: unknown, path: string = 'type'): DataType {
  const parts = new Map(plainEntries(json) ?? invalid(path, 'is not an object'))
  const kind = parts.get('kind')
  if (typeof kind === 'string' && Object.hasOwn(isSimple, kind) && isSimple[kind as DataTypeKind]) return { kind } as DataType
  switch (kind) {
    case 'enum': {
      const values: unknown = parts.get('values')
      if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) return invalid(path, 'has no values')
      return { kind, values }
    }
    case 'array':
      return { kind, element: parseDataType(parts.get('element'), `${path}.element`) }
    case 'vector': {
      const dimensions = parts.get('dimensions')
      if (typeof dimensions !== 'number' || !Number.isInteger(dimensions) || dimensions < 1) return invalid(path, 'has no dimensions')
      return { kind, dimensions }
    }
    case 'record':
      return { kind, fields: Object.fromEntries((plainEntries(parts.get('fields')) ?? invalid(path, 'has no fields')).map((entry) => parseField(entry, path))) }
    default:
      return invalid(path, `there is no type '${String(kind)}'`)
  }
}

function parseField([name, json]: readonly [string, unknown], path: string): [string, { type: DataType; nullable: boolean }] {
  const parts = new Map(plainEntries(json) ?? invalid(`${path}.${name}`, 'is not an object'))
  return [name, { type: parseDataType(parts.get('type'), `${path}.${name}`), nullable: parts.get('nullable') === true }]
}

function invalid(path: string, reason: string): never {
  throw new VivantError('EXPRESSION_INVALID', `${path}: ${reason}`, { details: { path } })
}

import { type DataType, describeType } from '@vivant/core'
import { sql } from 'kysely'
import { isJson } from './operand.ts'
import type { Fragment } from './sql-operator.ts'

/** `encodeJson` of `@vivant/core` in SQL: jsonb. */
export function jsonFormOf(type: DataType, fragment: Fragment): Fragment {
  if (isJson(type)) return fragment
  switch (type.kind) {
    case 'bigint':
      return sql`to_jsonb(${fragment}::text)`
    case 'timestamp':
      return sql`to_jsonb(vivant.timestamp_text(${fragment}))`
    case 'vector':
      return sql`to_jsonb(${fragment}::real[]::float8[])`
    case 'array':
      return type.element.kind === 'bigint' ? sql`to_jsonb(${fragment}::text[])` : sql`to_jsonb(${fragment})`
    default:
      return sql`to_jsonb(${fragment})`
  }
}

export function jsonFormUnsupported(type: DataType): string | undefined {
  const element = type.kind === 'array' ? type.element : type
  // line breaks in base64, a time zone of the session's: PostgreSQL's JSON of these is not ours
  const other = element.kind === 'binary' || (type.kind === 'array' && element.kind === 'timestamp')
  return other ? `PostgreSQL writes ${describeType(type)} as another JSON than JavaScript` : undefined
}

/** JSON as a value of a type, null when it is none (`jsonAs`). */
export function fromJsonForm(type: DataType, fragment: Fragment): Fragment {
  if (isJson(type)) return fragment
  switch (type.kind) {
    case 'int':
      return sql`vivant.json_int(${fragment})`
    case 'float':
      return sql`vivant.json_float(${fragment})`
    case 'bigint':
      return sql`vivant.json_bigint(${fragment})`
    case 'boolean':
      return sql`vivant.json_boolean(${fragment})`
    case 'uuid':
      return sql`vivant.json_uuid(${fragment})`
    case 'date':
      return sql`vivant.json_date(${fragment})`
    case 'timestamp':
      return sql`vivant.json_timestamp(${fragment})`
    default:
      return sql`vivant.json_text(${fragment})`
  }
}

/** Of a part whose type is known: a record's field, an element of an array in JSON. */
export function fromJsonFormUnsupported(type: DataType): string | undefined {
  if (isJson(type) || (type.kind !== 'array' && type.kind !== 'vector' && type.kind !== 'binary')) return undefined
  return `${describeType(type)} inside JSON is read by JavaScript only`
}

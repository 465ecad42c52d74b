import { type DataType, describeType } from '@vivant/core'
import { sql } from 'kysely'
import type { Fragment } from './sql-operator.ts'

/** `textForm` of `@vivant/core` in SQL. */
export function textFormOf(type: DataType, fragment: Fragment): Fragment {
  switch (type.kind) {
    case 'int':
    case 'bigint':
    case 'boolean':
    case 'uuid':
      return sql`${fragment}::text`
    case 'timestamp':
      return sql`vivant.timestamp_text(${fragment})`
    case 'date':
      return sql`vivant.date_text(${fragment})`
    default:
      return fragment
  }
}

/**
 * Why a type's text form cannot be had in SQL. PostgreSQL and JavaScript choose other digits for some floats (1e23 is
 * 9.999999999999999e+22 here), so whatever may hold a float has none.
 */
export function textFormUnsupported(type: DataType): string | undefined {
  switch (type.kind) {
    case 'float':
    case 'json':
    case 'record':
    case 'array':
      return `PostgreSQL writes ${describeType(type)} as another text than JavaScript`
    case 'binary':
    case 'vector':
      return `${describeType(type)} has no text form`
    default:
      return undefined
  }
}

import { VivantError } from '../error/vivant-error.ts'
import { describeValue } from '../value/describe-value.ts'

/** The name of a table given by name, or by anything that has one: a definition, a handle. */
export function tableName(table: unknown): string {
  if (typeof table === 'string') return table
  if (typeof table === 'object' && table !== null && 'name' in table && typeof table.name === 'string') return table.name
  throw new VivantError('TYPE_MISMATCH', `a table is given by its definition, its handle or its name, not by ${describeValue(table)}`)
}

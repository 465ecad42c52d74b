import { VivantError } from '../error/vivant-error.ts'
import { nearestName } from './nearest-name.ts'

export interface ColumnNotFoundContext {
  readonly table?: string
  /** The computed column that reads it. */
  readonly reader?: string
}

/** COLUMN_NOT_FOUND, with the column that was probably meant. */
export function columnNotFound(name: string, known: readonly string[], context: ColumnNotFoundContext = {}): VivantError {
  const nearest = nearestName(name, known)
  const where = context.table === undefined ? 'there is no column' : `'${context.table}' has no column`
  const reader = context.reader === undefined ? '' : ` (read by '${context.reader}')`
  const hint = nearest === undefined ? `the columns are ${known.join(', ')}` : `did you mean '${nearest}'?`
  return new VivantError('COLUMN_NOT_FOUND', `${where} '${name}'${reader}; ${hint}`, { details: { column: name, ...context } })
}

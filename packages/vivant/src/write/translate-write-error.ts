import { isVivantError, VivantError } from '@vivant/core'
import { type RowBatch, violatedRows } from '@vivant/storage'

/** What node-postgres says of a statement that the server refused. */
interface DatabaseErrorLike {
  readonly code?: string
  readonly message?: string
  readonly detail?: string
  readonly constraint?: string
  readonly column?: string
}

export interface WrittenRows {
  readonly table: string
  readonly batch: RowBatch
  /** Position in the input of each row of the batch. */
  readonly indexes: readonly number[]
}

/** An error of the server about rows as one of ours, with the rows' positions where they can be found. */
export function translateWriteError(error: unknown, { table, batch, indexes }: WrittenRows): unknown {
  if (isVivantError(error)) return error
  const { code = '', message = '', detail, constraint, column } = error as DatabaseErrorLike
  if (code.startsWith('23')) {
    const rows = violatedRows(error as DatabaseErrorLike, batch).map((row) => indexes[row]!)
    const where = rows.length === 0 ? '' : `row ${rows[0]}${rows.length > 1 ? ` (and ${rows.length - 1} more)` : ''}: `
    return new VivantError('CONSTRAINT_VIOLATED', `A row for "${table}" violates a constraint, so nothing was stored: ${where}${message}${detail ? ` (${detail})` : ''}.`, {
      cause: error,
      details: { table, ...(constraint ? { constraint } : {}), ...(column ? { column } : {}), ...(rows.length ? { index: rows[0], indexes: rows } : {}) },
    })
  }
  if (code.startsWith('54')) return new VivantError('TOO_LARGE', `The rows for "${table}" exceed a limit of PostgreSQL: ${message}.`, { cause: error, details: { table } })
  if (code === '42P01') return new VivantError('TABLE_NOT_FOUND', `The table "${table}" is not there any more: ${message}.`, { cause: error, details: { table } })
  if (code === '42703') return new VivantError('COLUMN_NOT_FOUND', `The table "${table}" differs from its definition: ${message}.`, { cause: error, details: { table } })
  if (/^[0-9A-Z]{5}$/u.test(code)) return new VivantError('DATABASE_ERROR', `PostgreSQL refused the rows for "${table}": ${message}.`, { cause: error, details: { table, sqlState: code } })
  return error
}

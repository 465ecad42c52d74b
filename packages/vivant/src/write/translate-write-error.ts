import { isVivantError, VivantError } from '@vivant/core'
import { isPostgresError, type RowBatch, type TableModel, translateError, violatedRows } from '@vivant/storage'

export interface WrittenRows {
  readonly model: TableModel
  readonly batch: RowBatch
  /** Position in the input of each row of the batch. */
  readonly indexes: readonly number[]
}

/** An error of the server about rows as one of ours, with the rows' positions where they can be found. */
export function translateWriteError(error: unknown, { model, batch, indexes }: WrittenRows): unknown {
  if (!isPostgresError(error)) return error
  const translated = translateError(error, model)
  const table = model.name
  if (isVivantError(translated)) {
    const rows = violatedRows(error, batch).map((row) => indexes[row]!)
    if (!rows.length) return translated
    const more = rows.length > 1 ? ` (and ${rows.length - 1} more)` : ''
    return new VivantError(translated.code, `Row ${rows[0]}${more}: ${translated.message} Nothing was stored.`, {
      cause: error,
      details: { ...translated.details, index: rows[0], indexes: rows },
    })
  }
  const details = { table, sqlState: error.code }
  if (error.code === '42P01')
    return new VivantError('TABLE_NOT_FOUND', `The table "${table}" is not there any more: ${error.message}.`, { cause: error, details })
  if (error.code === '42703')
    return new VivantError('COLUMN_NOT_FOUND', `The table "${table}" differs from its definition: ${error.message}.`, { cause: error, details })
  if (error.code.startsWith('54'))
    return new VivantError('TOO_LARGE', `The rows for "${table}" exceed a limit of PostgreSQL: ${error.message}.`, { cause: error, details })
  return new VivantError('DATABASE_ERROR', `PostgreSQL refused the rows for "${table}": ${error.message}.`, { cause: error, details })
}

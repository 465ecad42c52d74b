import type { DataType } from '@vivant/core'

/** Rows to be written, column by column: every list has `rowCount` validated values. */
export interface RowBatch {
  readonly rowCount: number
  readonly columns: readonly BatchColumn[]
}

export interface BatchColumn {
  readonly name: string
  readonly type: DataType
  readonly values: readonly unknown[]
}

/** Some of a batch's rows, in the order of `rows`. */
export function pickRows(batch: RowBatch, rows: readonly number[]): RowBatch {
  return { rowCount: rows.length, columns: batch.columns.map((column) => ({ ...column, values: rows.map((row) => column.values[row]) })) }
}

/** A run of a batch's rows. */
export function sliceRows(batch: RowBatch, from: number, to: number): RowBatch {
  if (from === 0 && to >= batch.rowCount) return batch
  return { rowCount: Math.min(to, batch.rowCount) - from, columns: batch.columns.map((column) => ({ ...column, values: column.values.slice(from, to) })) }
}

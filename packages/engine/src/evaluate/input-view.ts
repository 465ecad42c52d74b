import { type CellBatch, cellById, type CellColumn, type CellStatus, readName, type TableModel } from '@vivant/storage'
import type { ColumnResult } from './column-result.ts'

/** What a chunk has of its cells: loaded, and made by this run. */
interface InputSource {
  readonly model: TableModel
  readonly batch: CellBatch
  readonly results: ReadonlyMap<number, ColumnResult>
}

/** How a column reads one of its cell inputs: through this run where it was there already, else as loaded. */
export interface InputView {
  readonly column: CellColumn
  /** As the column's expression has it. */
  readonly name: string
  status(row: number): CellStatus | null
  value(row: number): unknown
  /** All values, if every one is `ok`. */
  list(): readonly unknown[] | null
  seq(row: number): number
  changed(row: number): boolean
  rerun(row: number): boolean
}

export function inputView({ model, batch, results }: InputSource, id: number): InputView {
  const column = cellById(model, id)
  const loaded = batch.cells.get(column.id)!
  const result = results.get(column.id)
  const value = (row: number): unknown => {
    const status = result ? result.status[row] : loaded.status[row]
    return status === 'ok' || status === 'error' ? ((result ? result.values[row] : loaded.values?.[row]) ?? null) : null
  }
  return {
    column,
    name: readName(model, id),
    status: (row) => (result ? result.status[row]! : loaded.status[row]!),
    value,
    list: () => (result?.status.every((status) => status === 'ok') ? result.values : null),
    seq: (row) => (loaded.status[row] === null ? 0 : loaded.seq[row]!),
    changed: (row) => result?.changed[row] === 1,
    rerun: (row) => result?.rerun[row] === 1,
  }
}

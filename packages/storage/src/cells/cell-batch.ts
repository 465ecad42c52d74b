import type { CellStatus } from './cell-status.ts'

/** Rows of one table as a worker loads them: column by column, every list in the order of `ids`. */
export interface CellBatch {
  /** Ascending; ids whose row is gone are left out. */
  readonly ids: readonly number[]
  /** Values of the stored columns that something of the pool reads, by `storedKey`. */
  readonly stored: ReadonlyMap<number, readonly unknown[]>
  /** Why some of those values are null here: by `storedKey` and row, what the column's type cannot hold. Null where all could be read. */
  readonly undecoded: ReadonlyMap<number, ReadonlyMap<number, string>> | null
  /** For each cell column of the pool: the sum of the revisions of its stored inputs, those of ancestors too, and of the row itself. */
  readonly revisions: ReadonlyMap<number, readonly number[]>
  readonly cells: ReadonlyMap<number, LoadedCells>
}

/** The cells of one column. Where a row has none, `status` is null and the rest means nothing. */
export interface LoadedCells {
  readonly status: readonly (CellStatus | null)[]
  readonly version: readonly number[]
  readonly token: readonly number[]
  readonly seq: readonly number[]
  readonly attempts: readonly number[]
  /** An `error` whose retry is due. */
  readonly due: readonly boolean[]
  /** Loaded only where something needs it. */
  readonly values: readonly unknown[] | null
  readonly argumentHashes: readonly (string | null)[] | null
}

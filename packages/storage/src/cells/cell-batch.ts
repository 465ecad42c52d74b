import type { RollUpNode } from '@vivant/core'
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
  /** By column: what it reads of the rows of views. */
  readonly rollUps: ReadonlyMap<number, LoadedRollUps>
}

/** What the rows of views come to for one column. */
export interface LoadedRollUps {
  /** Of each roll-up in its expression, by row; null where the column waits. */
  readonly values: ReadonlyMap<RollUpNode, readonly unknown[]>
  /** Not all that it waits for is there. */
  readonly waits: readonly boolean[]
  /** A cell behind it that failed. */
  readonly failed: readonly (FailedChild | null)[]
  /** Views of which a list is longer than may be in memory. */
  readonly tooLong: readonly boolean[]
  /** How many entries the logs have of the row. */
  readonly logged: readonly number[]
}

export interface FailedChild {
  readonly view: string
  readonly id: number
  readonly column: string
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

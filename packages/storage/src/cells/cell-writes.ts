import type { CellColumn } from '../catalog/table-model.ts'
import type { CellInfo, CellStatus } from './cell-status.ts'

/** What a commit writes of one column: lists in the order of `ids`, which ascend. */
export interface CellWrites {
  readonly column: CellColumn
  readonly ids: readonly number[]
  /** The token less the seqs of inputs that the same statement writes. */
  readonly baseTokens: readonly number[]
  /** For each row, a bit for each of `writtenInputs` whose cell the same statement writes. */
  readonly inputMasks: readonly number[]
  /** Cell inputs of this column that the same statement may write, in the order of the bits. */
  readonly writtenInputs: readonly CellColumn[]
  readonly values: readonly unknown[]
  readonly statuses: readonly CellStatus[]
  readonly attempts: readonly number[]
  /** 0 where no cell was loaded. */
  readonly loadedSeqs: readonly number[]
  /** Rows where a dependent of the same pool is not in this commit: put back if the seq moves (rule 10). */
  readonly putBackIfMoved: readonly boolean[]
  readonly argumentHashes: readonly (string | null)[] | null
  readonly infos: readonly (CellInfo | null)[] | null
  /** For an `error`: how long until its retry; null for the others. */
  readonly retryDelaysMs: readonly (number | null)[] | null
  /** Mean time of a call. */
  readonly micros: number
  /** No row had a cell: plain inserts, which cost about 40 % less than upserts, with the upsert behind them. */
  readonly fresh: boolean
}

/** A task to be inserted with the commit. */
export interface TaskToInsert {
  readonly pool: string
  readonly kind: 'fresh' | 'retry' | 'backfill' | 'group'
  readonly ids: readonly number[]
  readonly columns: readonly number[] | null
  /** Run them although their cells are current. */
  readonly forced?: boolean
  readonly delayMs: number | null
}

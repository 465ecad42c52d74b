import { filled } from '@vivant/core'
import type { CellInfo, CellStatus, LoadedCells } from '@vivant/storage'

/** What a run decided for one column, row by row of the chunk. */
export interface ColumnResult {
  /** The cell is to be written. */
  readonly write: Uint8Array
  /** As readers of this run see it: new where it is written, else as it was loaded. */
  readonly status: (CellStatus | null)[]
  readonly values: unknown[]
  /** Value or status differ from what was loaded, so what reads it is stale. */
  readonly changed: Uint8Array
  /** Run again for the same inputs: nothing that reads it is written in the same commit (rule 28). */
  readonly rerun: Uint8Array
  readonly attempts: number[]
  /** Null where no row has one, here and below. */
  infos: (CellInfo | null)[] | null
  retryDelaysMs: (number | null)[] | null
  readonly argumentHashes: (string | null)[] | null
  /** Stale, but this process does not have the code. */
  readonly notRunnable: Uint8Array
  /** Stale, but another claim is at it: looked at again a little later. */
  readonly deferred: Uint8Array
  micros: number
  /** Rows whose function was called. */
  calls: number
  /** Filled by an early commit: the seq that was returned, and the rows that lost the fence. */
  committed: { readonly seqs: ReadonlyMap<number, number> } | null
}

/** A result that leaves every cell as it was loaded. */
export function unchangedResult(loaded: LoadedCells, withArguments: boolean): ColumnResult {
  const rows = loaded.status.length
  return {
    write: new Uint8Array(rows),
    status: loaded.status.slice(),
    values: loaded.values?.slice() ?? filled(rows, null),
    changed: new Uint8Array(rows),
    rerun: new Uint8Array(rows),
    attempts: filled(rows, 0),
    infos: null,
    retryDelaysMs: null,
    argumentHashes: withArguments ? filled(rows, null) : null,
    notRunnable: new Uint8Array(rows),
    deferred: new Uint8Array(rows),
    micros: 0,
    calls: 0,
    committed: null,
  }
}

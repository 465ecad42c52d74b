import type { CellInfo, CellStatus } from './cell-status.ts'

/** What a commit writes of one parent row's expansion. */
export interface ExpansionWrite {
  /** The parent's row. */
  readonly id: number
  readonly token: number
  readonly attempts: number
  readonly status: CellStatus
  readonly argumentHash: string | null
  readonly info: CellInfo | null
  readonly retryDelayMs: number | null
  /** Rows that there are up to the end of this piece; null where there are none to speak of (failed, blocked), or it is not known (error). */
  readonly count: number | null
  /** Rows that this run has committed before; null at its first commit. */
  readonly behind: number | null
  /** Null: the rows of the view stay as they are. */
  readonly piece: ExpansionPiece | null
}

export interface ExpansionPiece {
  /** The position of the first row. */
  readonly from: number
  readonly rows: readonly ExpandedRow[]
  /** Nothing comes behind it: what is left of an older list goes. */
  readonly last: boolean
}

export interface ExpandedRow {
  /** A hash of the values, as a uuid. */
  readonly content: string
  /** In the order of `madeOrder`. */
  readonly values: readonly unknown[]
}

/** The order of a row's values: by the columns' names, as the catalog's jsonb does not keep the order of their declaration. */
export function madeOrder(names: readonly string[]): readonly string[] {
  return names.toSorted()
}

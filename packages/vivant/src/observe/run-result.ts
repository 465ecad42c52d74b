/** What became of cells. The six counts do not overlap: each cell counts once, as it stands at the end. */
export interface CellCounts {
  /** Computed, with a value. */
  readonly ran: number
  /** Their `when` is false. */
  readonly skipped: number
  /** Their value came from the memo of earlier calls. */
  readonly memoHits: number
  readonly failed: number
  /** Not computed, because something that they read failed. */
  readonly blocked: number
  /** Failed, and will be tried again. */
  readonly retrying: number
}

/** What was computed, whichever process did it. */
export interface RunResult extends CellCounts {
  /** By `table.column`. Columns without a cell that was written are left out. */
  readonly perColumn: Readonly<Record<string, CellCounts>>
  /** `table.column` of columns that are paused: their cells were not waited for. */
  readonly paused: readonly string[]
  /** How long this call took. */
  readonly durationMs: number
  /** Sums of what functions said they used (tokens, money), by name. */
  readonly usage: Readonly<Record<string, number>>
}

/** How far a wait is. Rows are counted once per task that looks at them, so these are estimates. */
export interface SettledProgress {
  readonly done: number
  readonly remaining: number
  readonly total: number
  readonly elapsedMs: number
  /** Null before the first rows are done. */
  readonly etaMs: number | null
}

export const noCounts: CellCounts = Object.freeze({ ran: 0, skipped: 0, memoHits: 0, failed: 0, blocked: 0, retrying: 0 })

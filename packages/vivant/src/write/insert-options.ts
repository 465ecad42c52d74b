import type { RunResult, SettledProgress } from '../observe/run-result.ts'

/** A row that was not stored, and why. */
export interface InvalidRow {
  /** Position in the input, from 0. */
  readonly index: number
  /** Null when the row as a whole is wrong. */
  readonly column: string | null
  readonly reason: string
}

export interface WriteOptions {
  /** What becomes of the other rows when some are invalid: nothing is stored (`error`, the default), or they are, and the invalid ones are listed. */
  readonly onInvalid?: 'error' | 'skip'
  /** Stops between statements and while media are taken in; the transaction under way is rolled back. */
  readonly signal?: AbortSignal
  /** Media of these rows that are taken in at once (default 8). */
  readonly mediaConcurrency?: number
}

export interface InsertOptions extends WriteOptions {
  /** `false` leaves the ids out, which is faster. */
  readonly ids?: boolean
  /** Waits until these rows' computed columns (or just the named ones) are there, and gives `run`. */
  readonly wait?: boolean | readonly string[]
  /** For `wait` (default: without end). */
  readonly timeoutMs?: number
  /** For `wait`. */
  readonly onProgress?: (progress: SettledProgress) => void
  /**
   * `atomic` computes first, and stores only what is whole: the columns whose functions this process has run inside the transaction
   * that inserts the rows, and nothing is stored unless each of their cells is ok or skipped (FUNCTION_FAILED names the first that is not).
   * For up to 1,000 rows; it holds a transaction open while functions run, and they run although the rows may be refused.
   */
  readonly mode?: 'atomic'
}

export interface UpsertOptions extends WriteOptions {
  /** The unique column (or columns) that say which row is meant. */
  readonly on: string | readonly string[]
}

export interface WriteResult {
  /** Of the stored rows, in the order of the input; empty with `{ ids: false }`. */
  readonly ids: readonly number[]
  /** Rows that were stored. */
  readonly count: number
  /** With `onInvalid: 'skip'`: what was not. */
  readonly invalid: readonly InvalidRow[]
}

export interface InsertResult extends WriteResult {
  /** With `wait`: what was computed for these rows. */
  readonly run?: RunResult
}

export type RowInput = Readonly<Record<string, unknown>>
/** One row, several, or a source of them. */
export type RowsInput = RowInput | Iterable<RowInput> | AsyncIterable<RowInput>

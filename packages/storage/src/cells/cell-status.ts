/**
 * What a cell says of itself. `ok`, `failed`, `skipped` and `blocked` are final for the inputs they were made from;
 * `error` waits for its retry; `partial` is an expansion that is under way. `held` and `override` are reserved for a person's decisions.
 */
export type CellStatus = 'ok' | 'partial' | 'error' | 'failed' | 'blocked' | 'skipped' | 'held' | 'override'

/** The column `info` of a cell. */
export interface CellInfo {
  readonly error?: CellError
  /** When an `error` is due again; written by the commit, by the clock of the database. */
  readonly retryAt?: string
  readonly worker?: string
}

export interface CellError {
  readonly code: string
  readonly message: string
  readonly stack?: string
}

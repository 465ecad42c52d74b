export interface ApplyOptions {
  /** What is there and not defined may be dropped, with its values. */
  readonly allowDrop?: boolean
  /** Code that a column had before may win again: for going back to an older version of the program. */
  readonly allowRevert?: boolean
}

/** What definitions change in a database. */
export interface DefinitionPlan {
  /** Tables, and `table.column` of tables that stand. */
  readonly created: readonly string[]
  /** What becomes something else, with both forms. */
  readonly altered: readonly string[]
  /** What is there and not defined: nothing of it goes without `{ allowDrop: true }`. */
  readonly dropped: readonly string[]
  /** The computed columns that are filled, or filled anew. */
  readonly recomputed: readonly PlannedColumn[]
  /** Columns whose code changed and that keep their cells, by their policy `keep` or `manual`. */
  readonly recorded: readonly string[]
  /** Columns that have newer code than these definitions: they stay as they are without `{ allowRevert: true }`. */
  readonly superseded: readonly string[]
}

export interface PlannedColumn {
  readonly table: string
  readonly column: string
  readonly reason: 'new' | 'expression' | 'code'
  readonly cells: number
  /** How long one worker computes, from the mean of the cells that are there; null when there are none. */
  readonly estimateMs: number | null
}

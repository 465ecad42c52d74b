/** Something that is not as it should be. */
export interface Finding {
  readonly kind: FindingKind
  readonly table: string | null
  readonly column: string | null
  /** Rows, cells or things that it concerns. */
  readonly count: number
  readonly message: string
  /** Some of the rows. */
  readonly ids: readonly number[]
  /** Whether `repair` mends it. */
  readonly repairable: boolean
}

/**
 * - `uncovered`: a cell that is not current, and nothing will look at it
 * - `ahead`: a cell of a version or of inputs that do not exist
 * - `orphan`: a cell whose row is gone
 * - `lost task`: a task for a table or columns that are gone
 * - `trigger`: capture is missing, disabled, or not on a partition
 * - `sequence`: the sequence of `_id` is behind the rows
 * - `drift`: the table was changed by SQL and the catalog has not followed
 * - `live view`: it is missing
 * - `worker`: a worker's row is left over from a crash; a lease ran out and nobody frees it
 * - `cancelled`: cells that a cancelled backfill left
 */
export type FindingKind = 'uncovered' | 'ahead' | 'orphan' | 'lost task' | 'trigger' | 'sequence' | 'drift' | 'live view' | 'worker' | 'cancelled'

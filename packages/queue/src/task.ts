/** Why a task exists; the order of service follows it. */
export type TaskKind = 'fresh' | 'retry' | 'backfill' | 'sweep' | 'group'

/** A leased task. */
export interface Task {
  readonly id: number
  readonly tableId: number
  readonly pool: string
  readonly kind: TaskKind
  /** Rows to look at: never a step to do. Of the kind `group`: groups of rows. */
  readonly ids: readonly number[]
  /** Null: every column of the pool. */
  readonly columns: readonly number[] | null
  /** Run the columns although their cells are current. */
  readonly forced: boolean
  readonly since: number
  /** Claims that did not end, before this one. */
  readonly claims: number
  /** The column that ran alone when the last worker died of this row. */
  readonly suspect: number | null
}

/** Tasks of one table and pool under one owner, settled as one batch. */
export interface Claim {
  readonly tableId: number
  readonly pool: string
  /** The table's when the tasks were claimed; 0 when the table is gone. */
  readonly schemaVersion: number
  readonly tasks: readonly Task[]
}

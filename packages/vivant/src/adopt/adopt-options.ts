import type { HasSchema } from '@vivant/core'
import type { AnyTableSchema } from '../database/table-of.ts'
import type { Table } from '../table/table.ts'

export type { AdoptionPlan } from '@vivant/storage'

/** An adopted table: typed by its definition; by a name its columns are known at run time only. */
export type AdoptedTable<X> = Table<X extends HasSchema<infer S> ? S : AnyTableSchema>

export interface AdoptOptions {
  /**
   * How rows are given their `_id`, where they need one: `rewrite` writes the table anew, while everybody waits; `online` fills it in slices beside
   * the table's users, several times slower. Default: by the number of rows; `planAdoption` tells.
   */
  readonly identity?: 'rewrite' | 'online'
  /** How long it waits for others that hold the table (default 30,000). */
  readonly timeoutMs?: number
}

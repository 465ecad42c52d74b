import type { HasSchema } from '@vivant/core'
import type { AnyKysely } from './database-kysely.ts'
import type { RowsOf } from './table-of.ts'

export type { TransactionOptions } from '@vivant/storage'

/** What the callback of `db.transaction` works with. */
export interface Transaction {
  /**
   * The rows of a table, inside the transaction: by its definition or handle, or, in a promise, by its name.
   *
   * ```ts
   * await tx.table(videos).insert(rows)
   * const others = await tx.table('others')
   * ```
   *
   * @throws TABLE_NOT_FOUND there is no table of that name
   */
  table<X extends HasSchema | string>(table: X): RowsOf<X>
  /** Kysely on the same connection. */
  readonly kysely: AnyKysely
}

import type { HasSchema, Schema } from '@vivant/core'
import type { TableRows } from '../table/table.ts'
import type { AnyKysely } from './database-kysely.ts'

export type { TransactionOptions } from '@vivant/storage'

/** What the callback of `db.transaction` works with. */
export interface Transaction {
  /** The rows of a table, inside the transaction. */
  table<S extends Schema>(table: HasSchema<S>): TableRows<S>
  /** Kysely on the same connection. */
  readonly kysely: AnyKysely
}

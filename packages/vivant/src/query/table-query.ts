import type { Schema, TableDefinition } from '@vivant/core'
import type { SqlTransaction } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import type { TableQuery } from './query.ts'
import { TableQueryImpl } from './table-query-impl.ts'

/** All rows of a table, as the beginning of a query. Inside a transaction every call goes through its `client`. */
export function createTableQuery<S extends Schema>(runtime: Runtime, table: TableDefinition, client?: SqlTransaction): TableQuery<S> {
  return new TableQueryImpl({ runtime, table, client }) as unknown as TableQuery<S>
}

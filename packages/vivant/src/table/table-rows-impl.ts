import type { Schema, TableDefinition } from '@vivant/core'
import type { SqlTransaction } from '@vivant/storage'
import type { Query, TableQuery } from '../query/query.ts'
import { createTableQuery } from '../query/table-query.ts'
import type { TableQueryImpl } from '../query/table-query-impl.ts'
import type { IdQuery } from '../observe/recompute.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { InsertOptions, InsertResult, RowsInput, UpsertOptions, WriteResult } from '../write/insert-options.ts'
import { insertRows } from '../write/insert-rows.ts'
import { upsertRows } from '../write/upsert-rows.ts'
import { markDefinition } from './mark-definition.ts'
import type { TableRows } from './table.ts'

/** The clauses and calls of a query that a table has as well. */
const queryVerbs = [
  'orderBy',
  'limit',
  'offset',
  'select',
  'join',
  'leftJoin',
  'groupBy',
  'distinct',
  'distinctOn',
  'sample',
  'after',
  'executePage',
  'execute',
  'executeTakeFirst',
  'executeTakeFirstOrThrow',
  'count',
  'stream',
  'toSQL',
  'explain',
] as const

/** Rows of a table, on the database or inside a transaction. */
export function createTableRows<S extends Schema>(runtime: Runtime, table: TableDefinition, client?: SqlTransaction): TableRows<S> {
  return new TableRowsImpl(runtime, table, client) as unknown as TableRows<S>
}

/** Behind `TableRows` and `Table`: the types are in the interfaces, this one forwards to what does the work. */
export class TableRowsImpl {
  readonly name: string
  protected readonly runtime: Runtime
  protected readonly table: TableDefinition
  readonly #client: SqlTransaction | undefined

  static {
    for (const verb of queryVerbs)
      Object.defineProperty(this.prototype, verb, {
        value(this: TableRowsImpl, ...args: readonly unknown[]) {
          const query = this.#query() as unknown as Record<string, (...all: readonly unknown[]) => unknown>
          return query[verb]!(...args)
        },
      })
  }

  constructor(runtime: Runtime, table: TableDefinition, client?: SqlTransaction) {
    this.name = table.name
    this.runtime = runtime
    this.table = table
    this.#client = client
    // a handle is printed by its name
    for (const hidden of ['runtime', 'table']) Object.defineProperty(this, hidden, { enumerable: false })
    markDefinition(this, table)
  }

  where(condition: Parameters<TableQuery<Schema>['where']>[0]): TableQuery<Schema> {
    return this.#query().where(condition)
  }

  ready(): Query<never[], unknown> {
    return this.#query().ready() as unknown as Query<never[], unknown>
  }

  fresh(options?: Parameters<TableQuery<Schema>['fresh']>[0]): Query<never[], unknown> {
    return this.#query().fresh(options) as unknown as Query<never[], unknown>
  }

  insert(rows: RowsInput, options?: InsertOptions): Promise<InsertResult> {
    return insertRows(this.runtime, this.table, rows, options, this.#client)
  }

  upsert(rows: RowsInput, options: UpsertOptions): Promise<WriteResult> {
    return upsertRows(this.runtime, this.table, rows, options, this.#client)
  }

  /** The ids of the rows that meet a condition, as a query that is run inside another statement. */
  protected matchingIds(condition: Parameters<TableQuery<Schema>['where']>[0]): IdQuery {
    const query = this.where(condition) as unknown as TableQueryImpl
    return (work) => query.withIds(work)
  }

  #query(): TableQuery<Schema> {
    return createTableQuery<Schema>(this.runtime, this.table, this.#client)
  }
}

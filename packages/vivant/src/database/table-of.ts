import type { Column, HasSchema, JsonType, Schema } from '@vivant/core'
import type { Table, TableRows } from '../table/table.ts'

/** A definition's table; in a promise for a name, which must be looked up. */
export type TableOf<X> = X extends HasSchema<infer S> ? Table<S> : Promise<Table<AnyTableSchema>>

/** The same inside a transaction, where there are rows only. */
export type RowsOf<X> = X extends HasSchema<infer S> ? TableRows<S> : Promise<TableRows<AnyTableSchema>>

/** A table of which this program has no definition: any column may be there, and hold anything. */
export type AnyTableSchema = Schema<string, { readonly [column: string]: Column<JsonType, 'nullable'> }, {}, null>

/** A table by its definition, its handle or its name. */
export type TableOrName = HasSchema | string

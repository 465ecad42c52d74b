import type { ValueType } from '../value/value-type.ts'

declare const columnType: unique symbol
declare const columnFlags: unique symbol

/**
 * - `nullable`: null is a value of it
 * - `default`:  an insert may leave it out
 * - `unique`:   `upsert` may match on it
 * - `derived`:  an iterator or the system writes it, with the row
 * - `computed`: Vivant writes it, after the row: until then it reads as null
 */
export type ColumnFlag = 'nullable' | 'default' | 'unique' | 'derived' | 'computed'

/** A column: what it holds and a set of flags. The builder *is* the type that tables carry. */
export interface Column<out T extends ValueType, out F extends ColumnFlag = never> {
  readonly [columnType]: T
  readonly [columnFlags]: F
}
export type AnyColumn = Column<ValueType, ColumnFlag>
/** The columns of a table, or the fields of a record, by name. */
export type RecordColumns = { readonly [name: string]: AnyColumn }

export type TypeOfColumn<C> = C extends Column<infer T, infer _F> ? T : never
export type FlagsOf<C> = C extends Column<infer _T, infer F> ? F : never

/** Null as the column is declared: what functions and computed columns see, as they run when their inputs are there. */
export type DeclaredNull<C> = 'nullable' extends FlagsOf<C> ? null : never
/** Null as a query may meet it: a computed cell may still be pending, or have failed. */
export type ReadNull<C> = FlagsOf<C> & ('nullable' | 'computed') extends never ? never : null

/** What JavaScript reads from a column. */
export type ColumnValue<C> = TypeOfColumn<C>['value'] | DeclaredNull<C>
/** What may be written to it; a function's result is such a value. */
export type ColumnInput<C> = TypeOfColumn<C>['input'] | DeclaredNull<C>

/** A column without its builder's methods: what a library writes down for its own functions. */
export type PlainColumn<C> = Column<TypeOfColumn<C>, FlagsOf<C>>

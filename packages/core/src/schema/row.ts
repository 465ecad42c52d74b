import type { DeclaredNull, FlagsOf, ReadNull, TypeOfColumn } from '../column/column.ts'
import type { HasCell } from '../expression/cell-expressions.ts'
import type { ExpressionOf } from '../expression/expression-of.ts'
import type { NumberExpression } from '../expression/number-expression.ts'
import type { Searchable } from '../expression/searchable.ts'
import type { Schema } from './schema.ts'

/** What a computed column's callback gets: the columns of a row, as expressions. It has no methods, so no column name can collide with one. */
export type Row<S extends Schema> = {
  readonly [K in keyof S['columns']]: ColumnExpression<S, K, DeclaredNull<S['columns'][K]>>
} & Ancestry<S['parent'] extends Schema ? Row<S['parent']> : never>

/** The same row seen by a query, where a computed cell may not be there yet and is null. */
export type ReadRow<S extends Schema> = {
  readonly [K in keyof S['columns']]: QueriedColumn<S, K, ReadNull<S['columns'][K]>>
} & Ancestry<S['parent'] extends Schema ? ReadRow<S['parent']> : never>

/** The row of a query whose rows are `ready()`: every cell is there. */
export type ReadyRow<S extends Schema> = {
  readonly [K in keyof S['columns']]: QueriedColumn<S, K, DeclaredNull<S['columns'][K]>>
} & Ancestry<S['parent'] extends Schema ? ReadyRow<S['parent']> : never>

/** The right side of a left join: every column may be null. */
export type OptionalRow<S extends Schema> = {
  readonly [K in keyof S['columns']]: QueriedColumn<S, K, null>
} & OptionalAncestry<S['parent'] extends Schema ? OptionalRow<S['parent']> : never>

type ColumnExpression<S extends Schema, K extends keyof S['columns'], N extends null> = K extends keyof S['indexes']
  ? ExpressionOf<TypeOfColumn<S['columns'][K]>, N> & Searchable<S['indexes'][K]>
  : ExpressionOf<TypeOfColumn<S['columns'][K]>, N>

type QueriedColumn<S extends Schema, K extends keyof S['columns'], N extends null> =
  'computed' extends FlagsOf<S['columns'][K]> ? ColumnExpression<S, K, N> & HasCell : ColumnExpression<S, K, N>

/** A class, so that `{ ...row }` spreads the columns and leaves these two out. */
declare class Identity {
  /** The row's identity, in every table. */
  get _id(): NumberExpression<never>
}
declare class Descendant<P> extends Identity {
  /** Only to tie the class to its row. */
  protected readonly parentRow: P
  /** The row that an iterator made this one from. */
  get parent(): P
}
type Ancestry<P> = [P] extends [never] ? Identity : Descendant<P>

declare class OptionalIdentity {
  /** The row's identity; null where there is no row. */
  get _id(): NumberExpression<null>
}
declare class OptionalDescendant<P> extends OptionalIdentity {
  /** Only to tie the class to its row. */
  protected readonly parentRow: P
  /** The row that an iterator made this one from. */
  get parent(): P
}
type OptionalAncestry<P> = [P] extends [never] ? OptionalIdentity : OptionalDescendant<P>

import type { ArrayType, BooleanType, ValueType } from '../../value/value-type.ts'
import type { BooleanExpression } from '../boolean-expression.ts'
import type { Expression } from '../expression.ts'
import type { ExpressionOf } from '../expression-of.ts'
import type { BigintExpression, NumberExpression } from '../number-expression.ts'

declare const groupedType: unique symbol
declare const groupedNull: unique symbol

/** A column after `groupBy`: it has as many values as its group has rows, and only an aggregate of it is an expression. */
export interface GroupedColumn<out T extends ValueType = ValueType, out N extends null = null> {
  readonly [groupedType]: T
  readonly [groupedNull]: N
}

/** What can be said of a column of any type. */
export interface AnyGroupedColumn<T extends ValueType, N extends null> extends GroupedColumn<T, N> {
  /** In how many rows it is not null; `count()` alone counts rows. */
  count(): NumberExpression<never>
  /** How many different values it has, but for null. */
  countDistinct(): NumberExpression<never>
  /** Its values but for null, in the order of the rows' ids unless `orderBy` says another. */
  list(): ExpressionOf<ArrayType<T>, never>
  /** Only in the rows where this is true: `sale.price.where(sale.paid).sum()`. */
  where(condition: GroupedColumn<BooleanType>): GroupedColumnOf<T, null>
  /** The order of a list. Nulls come last; further calls add the next key. */
  orderBy(key: GroupedColumn, direction?: 'asc' | 'desc'): GroupedColumnOf<T, N>
}

export interface OrderedGroupedColumn<T extends ValueType, N extends null> extends AnyGroupedColumn<T, N> {
  min(): ExpressionOf<T, N>
  max(): ExpressionOf<T, N>
}

export interface NumberGroupedColumn<T extends ValueType, N extends null> extends OrderedGroupedColumn<T, N> {
  sum(): NumberExpression<N>
  avg(): NumberExpression<N>
}

export interface BigintGroupedColumn<T extends ValueType, N extends null> extends OrderedGroupedColumn<T, N> {
  /** Null where it has more than 20 digits. */
  sum(): BigintExpression<null>
  avg(): NumberExpression<N>
}

export interface BooleanGroupedColumn<T extends ValueType, N extends null> extends AnyGroupedColumn<T, N> {
  /** Whether it is true in a row. */
  any(): BooleanExpression<N>
  /** Whether it is true in each row in which it is not null. */
  every(): BooleanExpression<N>
}

/** Which grouped column each kind of value has; any other is an `AnyGroupedColumn`. */
export interface GroupedColumnByKind<T extends ValueType, N extends null> {
  text: OrderedGroupedColumn<T, N>
  number: NumberGroupedColumn<T, N>
  bigint: BigintGroupedColumn<T, N>
  boolean: BooleanGroupedColumn<T, N>
  timestamp: OrderedGroupedColumn<T, N>
  date: OrderedGroupedColumn<T, N>
  uuid: OrderedGroupedColumn<T, N>
}

export type GroupedColumnOf<T extends ValueType, N extends null> = T['kind'] extends keyof GroupedColumnByKind<T, N>
  ? GroupedColumnByKind<T, N>[T['kind']]
  : AnyGroupedColumn<T, N>

/** A row after `groupBy`: each column only as an aggregate. `E` is null where a group may have no row. */
export type GroupedRow<R, E extends null = never> = {
  readonly [K in keyof R]: R[K] extends Expression<infer T, infer N> ? GroupedColumnOf<T, N | E> : GroupedRow<R[K], E>
}
export type GroupedRows<Rows extends readonly unknown[], E extends null = never> = { [I in keyof Rows]: GroupedRow<Rows[I], E> }

/** Null where all rows are one group, which may be empty. */
export type EmptyGroup<Keys> = [keyof Keys] extends [never] ? null : never

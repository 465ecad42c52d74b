import type { AnyColumn, TypeOfColumn } from '../column/column.ts'
import type { ValueType } from '../value/value-type.ts'
import type { BooleanExpression } from './boolean-expression.ts'
import type { Expression } from './expression.ts'
import type { ExpressionOf } from './expression-of.ts'

// In every method `N | NoInfer<M>`: without NoInfer a place that expects a nullable expression would make M null.

/** What every expression can do. A null on either side gives null, as in SQL. */
export interface Comparable<T extends ValueType, N extends null> extends Expression<T, N> {
  /** Equal. Null is asked for with `isNull()`. */
  eq<M extends null = never>(other: T['value'] | Expression<T, M>): BooleanExpression<N | NoInfer<M>>
  ne<M extends null = never>(other: T['value'] | Expression<T, M>): BooleanExpression<N | NoInfer<M>>
  /** Equal to one of these; false for none. */
  in(values: readonly T['value'][]): BooleanExpression<N>
  isNull(): BooleanExpression<never>
  /** The first of the two that is not null. */
  orElse<M extends null = never>(other: T['value'] | Expression<T, M>): ExpressionOf<T, NoInfer<M>>
  /**
   * As another type: `r.year.cast(t.text())`. A value that does not convert is an error (VALUE_INVALID) in its cell or query;
   * `at(…).as(type)` of JSON gives null instead.
   */
  cast<C extends AnyColumn>(to: C): ExpressionOf<TypeOfColumn<C>, N>
}

/** Types with an order: numbers, text (by code point), times, uuids. */
export interface Ordered<T extends ValueType, N extends null> extends Comparable<T, N> {
  gt<M extends null = never>(other: T['value'] | Expression<T, M>): BooleanExpression<N | NoInfer<M>>
  gte<M extends null = never>(other: T['value'] | Expression<T, M>): BooleanExpression<N | NoInfer<M>>
  lt<M extends null = never>(other: T['value'] | Expression<T, M>): BooleanExpression<N | NoInfer<M>>
  lte<M extends null = never>(other: T['value'] | Expression<T, M>): BooleanExpression<N | NoInfer<M>>
  /** Both ends belong to it. */
  between<L extends null = never, H extends null = never>(
    low: T['value'] | Expression<T, L>,
    high: T['value'] | Expression<T, H>,
  ): BooleanExpression<N | NoInfer<L | H>>
}

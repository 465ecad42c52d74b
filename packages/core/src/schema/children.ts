import type { BooleanExpression, Condition } from '../expression/boolean-expression.ts'
import type { Expression, TypeOfExpression } from '../expression/expression.ts'
import type { ExpressionOf } from '../expression/expression-of.ts'
import type { RollUpWait } from '../expression/node.ts'
import type { BigintExpression, NumberExpression } from '../expression/number-expression.ts'
import type { VivantTypeError } from '../error/type-error.ts'
import type { ArrayType, BigintType, NumberType } from '../value/value-type.ts'
import type { ReadRow, Row } from './row.ts'
import type { Schema } from './schema.ts'

export interface ChildrenOptions {
  /**
   * `all`: the column is computed when all of the rows are there, with every cell of them that it reads (default of `collect`). `none`: it
   * follows them as they come (default of the others).
   */
  readonly wait?: RollUpWait
}

/** The row of a view's parent, as a callback has it; for what is no view, the reason why not. */
export type ParentRow<S extends Schema> = S['parent'] extends Schema
  ? Row<S['parent']> | ReadRow<S['parent']>
  : VivantTypeError<`'${S['name']}' is no view, so it has no rows of another table's row`>

/** Whatever can say which of a view's rows come from a row of its parent. */
export interface HasChildren<in out S extends Schema> {
  /**
   * The rows of this view that were made from a row of its parent, to say in a computed column of the parent what they come to. The column
   * is kept right by each change of theirs.
   *
   * ```ts
   * videos.addComputedColumn('people', (video) => frames.of(video).count((frame) => frame.hasPerson))
   * videos.addComputedColumn('sheet', (video) => contactSheet(frames.of(video).collect((frame) => frame.thumb)))
   * ```
   *
   * A column of the view that failed blocks the one that reads it here, unless its `onError` is `'null'`: then it counts as null.
   *
   * @throws TYPE_MISMATCH the row is another table's
   */
  of(row: ParentRow<S>, options?: ChildrenOptions): Children<S>
}

/**
 * The rows of a view that come from one row, for a computed column of that row's table. What is said of each of them (`value`, `condition`)
 * must be something that PostgreSQL can evaluate: for a function, add a computed column to the view and read that.
 *
 * Nulls are passed over. Where no value is left the result is null; counts are 0 and lists empty.
 */
export interface Children<in out S extends Schema> {
  /** Only those for which this is true. */
  where(condition: (row: Row<S>) => Condition): Children<S>
  /** How many there are; with a condition, for how many it is true. */
  count(condition?: (row: Row<S>) => Condition): NumberExpression<never>
  /** How many different values there are. */
  countDistinct(value: (row: Row<S>) => Expression): NumberExpression<never>
  /** Null for a bigint of more than 20 digits. */
  sum(value: (row: Row<S>) => Expression<BigintType>): BigintExpression<null>
  sum(value: (row: Row<S>) => Expression<NumberType>): NumberExpression<null>
  avg(value: (row: Row<S>) => Expression<NumberType | BigintType>): NumberExpression<null>
  min<X extends Expression>(value: (row: Row<S>) => X): ExpressionOf<TypeOfExpression<X>, null>
  max<X extends Expression>(value: (row: Row<S>) => X): ExpressionOf<TypeOfExpression<X>, null>
  /** Whether it is true in one of them. */
  any(condition: (row: Row<S>) => Condition): BooleanExpression<null>
  /** Whether it is true in each in which it is not null. */
  every(condition: (row: Row<S>) => Condition): BooleanExpression<null>
  /** The values in the order of `pos`, as they come. */
  list<X extends Expression>(value: (row: Row<S>) => X): ExpressionOf<ArrayType<TypeOfExpression<X>>, never>
  /**
   * The values in the order of `pos`, when all are there: a function over them runs once. With several values of each row, collect an
   * object: `collect((frame) => obj({ at: frame.timestamp, thumb: frame.thumb }))`. At most 100,000 of one row: GROUP_TOO_LARGE.
   */
  collect<X extends Expression>(value: (row: Row<S>) => X): ExpressionOf<ArrayType<TypeOfExpression<X>>, never>
}

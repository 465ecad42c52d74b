import type { ArrayType } from '../value/value-type.ts'
import type { BooleanExpression } from './boolean-expression.ts'
import type { Comparable } from './comparable.ts'
import type { Expression } from './expression.ts'
import type { ExpressionOf } from './expression-of.ts'
import type { NumberExpression } from './number-expression.ts'

export interface ArrayExpression<T extends ArrayType, N extends null> extends Comparable<T, N> {
  /** Counted from 0; null when the array is shorter. */
  at(index: number): ExpressionOf<T['element'], null>
  length(): NumberExpression<N>
  contains<M extends null = never>(element: T['element']['value'] | Expression<T['element'], M>): BooleanExpression<N | NoInfer<M>>
}

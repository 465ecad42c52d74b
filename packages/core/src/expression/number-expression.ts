import type { BigintType, NumberType } from '../value/value-type.ts'
import type { Ordered } from './comparable.ts'
import type { Expression } from './expression.ts'

/** Arithmetic is that of doubles, also on ints; a result that is not finite is null. */
export interface NumberExpression<N extends null> extends Ordered<NumberType, N> {
  add<M extends null = never>(other: number | Expression<NumberType, M>): NumberExpression<N | NoInfer<M>>
  sub<M extends null = never>(other: number | Expression<NumberType, M>): NumberExpression<N | NoInfer<M>>
  mul<M extends null = never>(other: number | Expression<NumberType, M>): NumberExpression<N | NoInfer<M>>
  /** Null when the divisor is zero. */
  div<M extends null = never>(other: number | Expression<NumberType, M>): NumberExpression<null>
  /** The remainder, with the sign of the dividend. Null when the divisor is zero. */
  mod<M extends null = never>(other: number | Expression<NumberType, M>): NumberExpression<null>
  abs(): NumberExpression<N>
  /** To so many digits after the point (0 to 15, default 0), half away from zero. */
  round(digits?: number): NumberExpression<N>
}

/** Whole numbers of up to 20 digits; a result with more is null. */
export interface BigintExpression<N extends null> extends Ordered<BigintType, N> {
  add<M extends null = never>(other: bigint | Expression<BigintType, M>): BigintExpression<N | NoInfer<M>>
  sub<M extends null = never>(other: bigint | Expression<BigintType, M>): BigintExpression<N | NoInfer<M>>
  mul<M extends null = never>(other: bigint | Expression<BigintType, M>): BigintExpression<N | NoInfer<M>>
  /** Cut towards zero. Null when the divisor is zero. */
  div<M extends null = never>(other: bigint | Expression<BigintType, M>): BigintExpression<null>
  /** The remainder, with the sign of the dividend. Null when the divisor is zero. */
  mod<M extends null = never>(other: bigint | Expression<BigintType, M>): BigintExpression<null>
  abs(): BigintExpression<N>
}

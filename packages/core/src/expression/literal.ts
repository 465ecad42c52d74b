import type { BigintType, BooleanType, NumberType, TextType, TimestampType } from '../value/value-type.ts'
import type { Expression, NullOfExpression } from './expression.ts'

/** The values whose type is plain from themselves. */
export type Literal = string | number | bigint | boolean | Date

export type TypeOfLiteral<V> = V extends string
  ? TextType
  : V extends number
    ? NumberType
    : V extends bigint
      ? BigintType
      : V extends boolean
        ? BooleanType
        : V extends Date
          ? TimestampType
          : never

/** The type of an operand; null has none and adapts to the other side. */
export type TypeOfOperand<X> = X extends Expression<infer T, infer _N> ? T : X extends Literal ? TypeOfLiteral<X> : never
export type NullOfOperand<X> = X extends null ? null : NullOfExpression<X>

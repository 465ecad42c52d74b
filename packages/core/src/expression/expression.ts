import type { ValueType } from '../value/value-type.ts'

declare const valueType: unique symbol
declare const nullability: unique symbol

/**
 * Something that has a value in every row: a type, and whether it may be null (`N` is `null` or `never`).
 * Covariant in both, so an expression that is never null goes wherever one that may be null is accepted.
 */
export interface Expression<out T extends ValueType = ValueType, out N extends null = null> {
  readonly [valueType]: T
  readonly [nullability]: N
}

// Both parameters are inferred even where one is not used: `Expression<infer T, null>` matched against an
// expression of `never` gives up and infers `ValueType` (TypeScript 5.9 and 7.0 alike).
export type TypeOfExpression<X> = X extends Expression<infer T, infer _N> ? T : never
export type NullOfExpression<X> = X extends Expression<infer _T, infer N> ? N : never
/** What JavaScript reads when the expression is evaluated. */
export type ValueOf<X> = X extends Expression<infer T, infer N> ? T['value'] | N : never

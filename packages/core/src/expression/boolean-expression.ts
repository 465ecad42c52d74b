import type { BooleanType } from '../value/value-type.ts'
import type { Comparable } from './comparable.ts'
import type { Expression } from './expression.ts'

export interface BooleanExpression<N extends null> extends Comparable<BooleanType, N> {
  and<M extends null = never>(other: boolean | Expression<BooleanType, M>): BooleanExpression<N | NoInfer<M>>
  or<M extends null = never>(other: boolean | Expression<BooleanType, M>): BooleanExpression<N | NoInfer<M>>
  not(): BooleanExpression<N>
}

/** What `where`, `on` and `having` take: a row counts when it is true; false and null leave it out. */
export type Condition = BooleanExpression<null>

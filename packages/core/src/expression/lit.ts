import { createExpression } from './create-expression.ts'
import type { ExpressionOf } from './expression-of.ts'
import type { Literal, TypeOfLiteral } from './literal.ts'
import { parseFreeOperand } from './parse-operand.ts'

/**
 * A constant as an expression, where a plain value has no method to start from: `lit(100).sub(r.score)`.
 * A whole number is an int, any other a float.
 */
export function lit<V extends Literal>(value: V): ExpressionOf<TypeOfLiteral<V>, never> {
  return createExpression(parseFreeOperand(value).node) as ExpressionOf<TypeOfLiteral<V>, never>
}

import type { ValueType } from '../value/value-type.ts'
import type { Condition } from './boolean-expression.ts'
import { createExpression } from './create-expression.ts'
import { operatorNode } from './create-node.ts'
import type { Expression } from './expression.ts'
import type { ExpressionOf } from './expression-of.ts'
import type { Literal, NullOfOperand, TypeOfOperand } from './literal.ts'
import { parseBranches } from './parse-branches.ts'
import { mergeFunctions, parseOperand } from './parse-operand.ts'

/** What may stand beside a branch: null, a value or an expression of the same type. */
type Alike<T extends ValueType> = [T] extends [never] ? Literal | Expression : T['value'] | Expression<T>

/**
 * `then` where the condition is true, else `otherwise`; a null condition is not true. Both have one type.
 *
 * ```ts
 * when(r.score.gte(50), 'pass', 'fail')
 * ```
 */
export function when<A extends Expression | Literal | null, B extends Alike<TypeOfOperand<A>> | null>(
  condition: Condition,
  then: A,
  otherwise: B,
): ExpressionOf<TypeOfOperand<A> | ([TypeOfOperand<A>] extends [never] ? TypeOfOperand<B> : never), NullOfOperand<A> | NullOfOperand<B>> {
  const test = parseOperand(condition, { kind: 'boolean' }, 'when()')
  const { operands, type } = parseBranches([then, otherwise], 'when()')
  const node = operatorNode('when', [test.node, ...operands.map((operand) => operand.node)], type)
  return createExpression(node, mergeFunctions([test, ...operands])) as never
}

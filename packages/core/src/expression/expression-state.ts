import { VivantError } from '../error/vivant-error.ts'
import type { FunctionDefinition } from '../function/function-definition.ts'
import { describeValue } from '../value/describe-value.ts'
import type { Expression } from './expression.ts'
import type { ExpressionNode } from './node.ts'

/** What an expression object holds: its frozen node, and the code of every call in it. */
export interface ExpressionState {
  readonly node: ExpressionNode
  readonly functions: ReadonlySet<FunctionDefinition>
  /** Makes the next expression of this one: given from outside, so that the classes of the kinds need not know each other. */
  readonly create: (node: ExpressionNode, functions: ReadonlySet<FunctionDefinition>) => Expression
}

// Registered, so that two copies of this package in one process understand each other's expressions.
const stateKey: unique symbol = Symbol.for('vivant.expression') as never

/** What all expressions inherit: the state, under a symbol. So no name of a field or a method can collide with it. */
export abstract class ExpressionObject {
  constructor(state: ExpressionState) {
    Object.defineProperty(this, stateKey, { value: Object.freeze(state) })
  }

  /** JavaScript's own operators and template strings come here; they would lose the expression without a word. */
  toString(): never {
    throw new VivantError('EXPRESSION_INVALID', 'an expression has no value yet: use its methods (a.add(b), a.lt(b)) and prompt`…` instead of +, < and `…`')
  }
}

export function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && stateKey in value
}

/** The state of an expression; TYPE_MISMATCH for anything else. */
export function expressionState(expression: unknown): ExpressionState {
  if (isExpression(expression)) return (expression as unknown as { readonly [stateKey]: ExpressionState })[stateKey]
  throw new VivantError('TYPE_MISMATCH', `an expression is expected, not ${describeValue(expression)}: make a constant one with lit(value)`)
}

/** The frozen node of an expression. Throws TYPE_MISMATCH when given something else. */
export function expressionNode(expression: Expression): ExpressionNode {
  return expressionState(expression).node
}

/** The functions that an expression calls, with their code. */
export function expressionFunctions(expression: Expression): ReadonlySet<FunctionDefinition> {
  return expressionState(expression).functions
}

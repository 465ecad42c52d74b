import type { DataType } from '../../value/data-type.ts'
import { operatorNode } from '../create-node.ts'
import type { Expression } from '../expression.ts'
import { expressionState } from '../expression-state.ts'
import type { OperatorName } from '../operator-name.ts'
import { mergeFunctions, parseOperand } from '../parse-operand.ts'
import { describeNode } from '../tree/describe-node.ts'

/** What an operator is given beside the expression that it is called on. */
export interface DeriveArguments {
  /** The other operands, as the user gave them, each with the type that it must have. */
  readonly operands?: readonly (readonly [input: unknown, wanted: DataType])[]
  readonly options?: Readonly<Record<string, unknown>>
}

/** The expression that an operator makes of `self`: the common end of every method. */
export function derive(self: unknown, operator: OperatorName, type: DataType, { operands = [], options }: DeriveArguments = {}): Expression {
  const state = expressionState(self)
  const parsed = operands.map(([input, wanted]) => parseOperand(input, wanted, placeOf(self, operator)))
  const node = operatorNode(operator, [state.node, ...parsed.map((operand) => operand.node)], type, options)
  return state.create(node, mergeFunctions([state, ...parsed]))
}

/** Where an argument stands, for messages: `lt() of brightness`. */
export function placeOf(self: unknown, method: string): string {
  return `${method}() of ${describeNode(expressionState(self).node)}`
}

/** The type of the expression itself. */
export function typeOf(self: unknown): DataType {
  return expressionState(self).node.type
}

export const booleanType: DataType = Object.freeze({ kind: 'boolean' })
export const intType: DataType = Object.freeze({ kind: 'int' })
export const floatType: DataType = Object.freeze({ kind: 'float' })
export const textType: DataType = Object.freeze({ kind: 'text' })
export const jsonType: DataType = Object.freeze({ kind: 'json' })
export const timestampType: DataType = Object.freeze({ kind: 'timestamp' })

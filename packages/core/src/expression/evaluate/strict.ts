import { VivantError } from '../../error/vivant-error.ts'
import type { ExpressionNode, OperatorNode } from '../node.ts'
import type { Evaluator, OperatorEvaluator } from './evaluator.ts'

/** An operator of one operand that is null when its operand is. */
export function strictUnary<A>(compute: (a: A, node: OperatorNode) => unknown): OperatorEvaluator {
  return (node, operands) => {
    const a = operandAt(operands, 0)
    return (row) => {
      const x = a(row)
      return x === null ? null : compute(x as A, node)
    }
  }
}

/** An operator of two operands that is null when either is. */
export function strictBinary<A, B = A>(compute: (a: A, b: B) => unknown): OperatorEvaluator {
  return (_node, operands) => binaryEvaluator(operands, compute)
}

export function binaryEvaluator<A, B = A>(operands: readonly Evaluator[], compute: (a: A, b: B) => unknown): Evaluator {
  const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)]
  return (row) => {
    const x = a(row)
    if (x === null) return null
    const y = b(row)
    return y === null ? null : compute(x as A, y as B)
  }
}

/** An operand that the builder has put there; a tree from elsewhere may lack it. */
export function operandAt<T extends Evaluator | ExpressionNode>(operands: readonly T[], index: number): T {
  const operand = operands[index]
  if (operand === undefined) throw new VivantError('EXPRESSION_INVALID', `An operator lacks its operand ${index + 1}.`)
  return operand
}

/** A constant of an operator that the builder has put there: the digits of `round`, the path of `jsonAt`. */
export function optionOf<T>(node: OperatorNode, name: string): T {
  const value = node.options?.[name]
  if (value === undefined) throw new VivantError('EXPRESSION_INVALID', `The operator ${node.operator} lacks its option '${name}'.`)
  return value as T
}

import { VivantError } from '../../error/vivant-error.ts'
import type { ExpressionNode } from '../node.ts'
import type { Evaluator, OperatorEvaluator } from './evaluator.ts'

/** An operator of one operand that is null when its operand is. */
export function strictUnary(compute: (a: never) => unknown): OperatorEvaluator {
  return (_node, operands) => {
    const a = operandAt(operands, 0)
    return (row) => {
      const x = a(row)
      return x === null ? null : compute(x as never)
    }
  }
}

/** An operator of two operands that is null when either is. */
export function strictBinary(compute: (a: never, b: never) => unknown): OperatorEvaluator {
  return (_node, operands) => binaryEvaluator(operands, compute)
}

export function binaryEvaluator(operands: readonly Evaluator[], compute: (a: never, b: never) => unknown): Evaluator {
  const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)]
  return (row) => {
    const x = a(row)
    if (x === null) return null
    const y = b(row)
    return y === null ? null : compute(x as never, y as never)
  }
}

/** An operand that the builder has put there; a tree from elsewhere may lack it. */
export function operandAt<T extends Evaluator | ExpressionNode>(operands: readonly T[], index: number): T {
  const operand = operands[index]
  if (operand === undefined) throw new VivantError('EXPRESSION_INVALID', `An operator lacks its operand ${index + 1}.`)
  return operand
}

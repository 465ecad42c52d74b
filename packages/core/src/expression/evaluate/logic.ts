import type { OperatorEvaluator } from './evaluator.ts'
import { operandAt, strictUnary } from './strict.ts'

/** Booleans with three values, and what chooses between operands: these see nulls, and look no further than they must. */
export const logicEvaluators: Record<'and' | 'or' | 'not' | 'isNull' | 'orElse' | 'when', OperatorEvaluator> = {
  and: (_node, operands) => {
    const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)]
    return (row) => {
      const x = a(row)
      if (x === false) return false
      const y = b(row)
      return y === false ? false : x === null ? null : y
    }
  },
  or: (_node, operands) => {
    const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)]
    return (row) => {
      const x = a(row)
      if (x === true) return true
      const y = b(row)
      return y === true ? true : x === null ? null : y
    }
  },
  not: strictUnary((a: boolean) => !a),
  isNull: (_node, operands) => {
    const a = operandAt(operands, 0)
    return (row) => a(row) === null
  },
  orElse: (_node, operands) => {
    const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)]
    return (row) => a(row) ?? b(row)
  },
  when: (_node, operands) => {
    const [condition, then, otherwise] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)]
    return (row) => (condition(row) === true ? then(row) : otherwise(row))
  },
}

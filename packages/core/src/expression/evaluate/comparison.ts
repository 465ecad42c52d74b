import type { DataType } from '../../value/data-type.ts'
import { decodeJson } from '../../value/decode-json.ts'
import { valuesEqual } from '../../value/equal-values.ts'
import type { ExpressionNode, OperatorNode } from '../node.ts'
import { comparator } from './compare-values.ts'
import type { Evaluator, OperatorEvaluator } from './evaluator.ts'
import { binaryEvaluator, operandAt } from './strict.ts'

export const comparisonEvaluators: Record<'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'between' | 'in', OperatorEvaluator> = {
  eq: (node, operands) => binaryEvaluator(operands, equality(comparedType(node))),
  ne: (node, operands) => {
    const equal = equality(comparedType(node))
    return binaryEvaluator(operands, (a: never, b: never) => !equal(a, b))
  },
  gt: ordering((order) => order > 0),
  gte: ordering((order) => order >= 0),
  lt: ordering((order) => order < 0),
  lte: ordering((order) => order <= 0),
  between: (node, operands) => {
    const compare = comparator(comparedType(node))
    const [x, low, high] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)]
    const aboveLow = binaryEvaluator([x, low], (a: never, b: never) => compare(a, b) >= 0)
    const belowHigh = binaryEvaluator([x, high], (a: never, b: never) => compare(a, b) <= 0)
    return (row) => {
      const above = aboveLow(row)
      if (above === false) return false
      const below = belowHigh(row)
      return below === false ? false : above === null ? null : below
    }
  },
  in: (node, operands) => {
    const x = operandAt(operands, 0)
    const values = node.operands.slice(1)
    if (values.length === 0) return () => false
    const contains = membership(comparedType(node), values)
    return (row) => {
      const value = x(row)
      return value === null ? null : contains(value)
    }
  },
}

/** Int beside float is compared as float, enum beside text as text. */
function comparedType(node: OperatorNode): DataType {
  return node.operands.find((operand) => operand.type.kind === 'float')?.type ?? operandAt(node.operands, 0).type
}

/** Equality of two values that are not null; `===` where that is the same. */
export function equality(type: DataType): (a: never, b: never) => boolean {
  switch (type.kind) {
    case 'float':
    case 'timestamp':
    case 'binary':
    case 'vector':
    case 'array':
    case 'record':
    case 'json':
      return (a, b) => valuesEqual(type, a, b)
    default:
      return (a, b) => a === b
  }
}

function ordering(holds: (order: number) => boolean): OperatorEvaluator {
  return (node, operands): Evaluator => {
    const compare = comparator(comparedType(node))
    return binaryEvaluator(operands, (a: never, b: never) => holds(compare(a, b)))
  }
}

function membership(type: DataType, literals: readonly ExpressionNode[]): (value: unknown) => boolean {
  const values = literals.map((literal) => (literal.node === 'literal' ? decodeJson(literal.type, literal.value) : null))
  switch (type.kind) {
    case 'timestamp': {
      const instants = new Set(values.map((value) => (value as Date).getTime()))
      return (value) => instants.has((value as Date).getTime())
    }
    case 'binary':
    case 'vector':
    case 'array':
    case 'record':
    case 'json':
      return (value) => values.some((item) => valuesEqual(type, value, item))
    default: {
      // A Set has NaN equal to NaN and -0 to 0, as it should be.
      const set = new Set(values)
      return (value) => set.has(value)
    }
  }
}

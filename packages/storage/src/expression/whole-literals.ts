import { type ExpressionNode, literalNode, type OperatorName, type OperatorNode, operatorNode } from '@vivant/core'

const comparisons: ReadonlySet<OperatorName> = new Set<OperatorName>(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'between', 'in'])

/**
 * An int beside whole constants is compared as int8, so that an index on it serves and the planner knows its values; beside float8
 * constants, which any number of JavaScript's is at first, it would be cast row by row. The result is the same.
 */
export function withWholeLiterals(node: OperatorNode): OperatorNode {
  if (!comparisons.has(node.operator)) return node
  const floats = node.operands.filter(({ type }) => type.kind === 'float')
  const isInt = node.operands.some((operand) => operand.type.kind === 'int' && operand.node !== 'literal')
  if (floats.length === 0 || !isInt || !floats.every(isWhole)) return node
  const operands = node.operands.map((operand) =>
    operand.node === 'literal' && operand.type.kind === 'float' ? literalNode(operand.value, { kind: 'int' }) : operand,
  )
  return operatorNode(node.operator, operands, node.type, node.options)
}

function isWhole(node: ExpressionNode): boolean {
  return node.node === 'literal' && (node.value === null || Number.isSafeInteger(node.value))
}

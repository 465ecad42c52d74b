import type { ColumnNode, ExpressionNode } from '../node.ts'
import { mapNode } from './map-node.ts'

/**
 * The expression with virtual columns replaced by what they stand for, through all levels. `expressionOf` gives a column's expression, or
 * undefined for one that is stored. The columns must have no cycle (`ColumnGraph` refuses one).
 */
export function inlineColumns(node: ExpressionNode, expressionOf: (column: ColumnNode) => ExpressionNode | undefined): ExpressionNode {
  return mapNode(node, (inner) => {
    const expression = inner.node === 'column' ? expressionOf(inner) : undefined
    return expression && inlineColumns(expression, expressionOf)
  })
}

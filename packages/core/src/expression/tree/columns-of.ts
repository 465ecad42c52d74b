import type { ColumnNode, ExpressionNode } from '../node.ts'
import { walkNodes } from './walk-nodes.ts'

/** The columns that an expression reads, each once, in the order in which they first occur. */
export function columnsOf(node: ExpressionNode): readonly ColumnNode[] {
  const found = new Map<string, ColumnNode>()
  for (const inner of walkNodes(node)) {
    if (inner.node !== 'column') continue
    const key = `${inner.source} ${inner.column}`
    if (!found.has(key)) found.set(key, inner)
  }
  return [...found.values()]
}

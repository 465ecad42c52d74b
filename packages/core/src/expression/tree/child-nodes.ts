import type { ExpressionNode } from '../node.ts'

/** The nodes right below one. */
export function childNodes(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.node) {
    case 'operator':
    case 'call':
      return node.operands
    case 'object':
      return Object.values(node.fields)
    case 'aggregate':
      return [...node.operands, ...(node.filter ? [node.filter] : []), ...node.orderBy.map((key) => key.node)]
    default:
      return []
  }
}

import type { ExpressionNode } from '../node.ts'
import { clauseNodes } from '../query-clauses.ts'

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
    case 'rollUp':
      return [node.rows]
    case 'subquery':
      return [...node.tables.flatMap(({ join }) => (join ? [join.on] : [])), ...clauseNodes(node.query)]
    case 'history':
      return [...node.by, node.orderBy, ...Object.values(node.fields)]
    default:
      return []
  }
}

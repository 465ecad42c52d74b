/** A node of the syntax tree (ESTree), as far as hashing looks at it: a type and parts by name. */
export interface SyntaxNode {
  readonly type: string
  readonly [part: string]: unknown
}

export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** A part that is a node. */
export function nodeAt(node: SyntaxNode, part: string): SyntaxNode | undefined {
  const value = node[part]
  return isSyntaxNode(value) ? value : undefined
}

/** The nodes of a part that is a list; holes of array patterns are left out. */
export function nodesAt(node: SyntaxNode, part: string): readonly SyntaxNode[] {
  const value = node[part]
  return Array.isArray(value) ? value.filter(isSyntaxNode) : []
}

export function isFunctionNode(node: SyntaxNode): boolean {
  return node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration' || node.type === 'ArrowFunctionExpression'
}

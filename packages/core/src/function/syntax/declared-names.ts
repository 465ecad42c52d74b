import { isFunctionNode, isSyntaxNode, nodeAt, nodesAt, type SyntaxNode } from './syntax-node.ts'

/** The names that a pattern binds: `{ a, b: [c = 1, ...d] }` binds a, c, d. */
export function namesOfPattern(pattern: SyntaxNode | undefined): readonly string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [String(pattern['name'])]
    case 'ObjectPattern':
      return nodesAt(pattern, 'properties').flatMap((property) => namesOfPattern(property.type === 'RestElement' ? property : nodeAt(property, 'value')))
    case 'ArrayPattern':
      return nodesAt(pattern, 'elements').flatMap(namesOfPattern)
    case 'AssignmentPattern':
      return namesOfPattern(nodeAt(pattern, 'left'))
    case 'RestElement':
      return namesOfPattern(nodeAt(pattern, 'argument'))
    default:
      return []
  }
}

/** The names that a statement declares in its own block: `let`, `const`, `class`, functions. */
export function namesOfStatement(statement: SyntaxNode): readonly string[] {
  if (statement.type === 'VariableDeclaration') return statement['kind'] === 'var' ? [] : namesOfDeclaration(statement)
  if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') return namesOfPattern(nodeAt(statement, 'id'))
  return []
}

/** The `var` names below a node, which belong to the function around them. */
export function hoistedNames(node: SyntaxNode): readonly string[] {
  const own = node.type === 'VariableDeclaration' && node['kind'] === 'var' ? namesOfDeclaration(node) : []
  const below = Object.values(node)
    .flatMap((part): readonly unknown[] => (Array.isArray(part) ? part : [part]))
    .filter((part): part is SyntaxNode => isSyntaxNode(part) && !isFunctionNode(part) && part.type !== 'StaticBlock' && part.type !== 'PropertyDefinition')
  return [...own, ...below.flatMap(hoistedNames)]
}

function namesOfDeclaration(declaration: SyntaxNode): readonly string[] {
  return nodesAt(declaration, 'declarations').flatMap((declarator) => namesOfPattern(nodeAt(declarator, 'id')))
}

import { bodyNames, namesOfScope, Scope } from './scope.ts'
import { isFunctionNode, isSyntaxNode, type SyntaxNode } from './syntax-node.ts'

/** Parts of a node that say where it stands or how it was written, not what it does. */
const ignoredParts: ReadonlySet<string> = new Set(['type', 'start', 'end', 'loc', 'range', 'raw', 'shorthand', 'directive'])

/**
 * A function's syntax tree as text that is the same for the same code: without positions, comments and layout, its parameters and local
 * variables numbered in order of appearance. Names from outside, of properties and of labels stay.
 */
export function canonicalSyntax(root: SyntaxNode): string {
  let numbered = 0

  // The function's own name is a variable inside it; as a declaration it says nothing.
  return write({ ...root, ...(root['id'] ? { id: null } : {}) }, new Scope(ownName(root)))

  function write(node: SyntaxNode, outer: Scope): string {
    if (node.type === 'Identifier') return writeName(String(node['name']), outer)
    const names = namesOfScope(node)
    const scope = names === undefined ? outer : new Scope(names, outer)
    const parts = Object.keys(node)
      .filter((part) => !ignoredParts.has(part))
      .toSorted((a, b) => partOrder(a) - partOrder(b) || (a < b ? -1 : 1))
    return `${node.type}(${parts.map((part) => `${part}:${writePart(node, part, scope, outer)}`).join(',')})`
  }

  function writePart(node: SyntaxNode, part: string, scope: Scope, outer: Scope): string {
    const value = node[part]
    if (isNameOnly(node, part)) return JSON.stringify((value as SyntaxNode)['name'])
    // The name of a declared function or class belongs to the block around it, its variables only to itself.
    if (part === 'id' && node.type.endsWith('Declaration') && isSyntaxNode(value)) return write(value, outer)
    if (part === 'body' && isFunctionNode(node)) return writeValue(value, new Scope(bodyNames(node), scope))
    return writeValue(value, scope)
  }

  function writeValue(value: unknown, scope: Scope): string {
    if (Array.isArray(value)) {
      const items = value.filter((item: unknown) => !(isSyntaxNode(item) && item.type === 'EmptyStatement'))
      return `[${items.map((item) => writeValue(item, scope)).join(',')}]`
    }
    if (isSyntaxNode(value)) return write(value, scope)
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof RegExp) return String(value)
    return JSON.stringify(value) ?? 'undefined'
  }

  function writeName(name: string, scope: Scope): string {
    const binding = scope.find(name)
    if (binding === undefined) return JSON.stringify(name)
    binding.number ??= numbered++
    return `#${binding.number}`
  }
}

function ownName(root: SyntaxNode): readonly string[] {
  const id = root['id']
  return isSyntaxNode(id) ? [String(id['name'])] : []
}

/** Whether a part is a name that is no variable: of a property, a method, a label. */
function isNameOnly(node: SyntaxNode, part: string): boolean {
  const value = node[part]
  if (!isSyntaxNode(value) || value.type !== 'Identifier') return false
  if (part === 'property') return node.type === 'MemberExpression' && node['computed'] !== true
  if (part === 'key') return node['computed'] !== true
  return part === 'label' || node.type === 'MetaProperty'
}

/** Declarations before their use, so that numbers follow the order of appearance: parameters, then the rest by name. */
function partOrder(part: string): number {
  return part === 'params' || part === 'param' || part === 'id' || part === 'left' || part === 'init' ? 0 : 1
}

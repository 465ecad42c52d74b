import { hoistedNames, namesOfPattern, namesOfStatement } from './declared-names.ts'
import { isFunctionNode, nodeAt, nodesAt, type SyntaxNode } from './syntax-node.ts'

/** A variable; numbered when it first appears. */
export interface Binding {
  number: number | undefined
}

/** The variables that are visible at a place of the code. */
export class Scope {
  readonly #parent: Scope | undefined
  readonly #bindings: ReadonlyMap<string, Binding>

  constructor(names: Iterable<string>, parent?: Scope) {
    this.#parent = parent
    this.#bindings = new Map([...names].map((name) => [name, { number: undefined }]))
  }

  /** The variable of a name; undefined for one from outside (an import, a global). */
  find(name: string): Binding | undefined {
    return this.#bindings.get(name) ?? this.#parent?.find(name)
  }
}

/** The names that a node opens a scope for, visible in all of it; undefined when it opens none. */
export function namesOfScope(node: SyntaxNode): readonly string[] | undefined {
  if (isFunctionNode(node)) return [...ownName(node), ...nodesAt(node, 'params').flatMap(namesOfPattern)]
  switch (node.type) {
    case 'BlockStatement':
      return nodesAt(node, 'body').flatMap(namesOfStatement)
    case 'StaticBlock':
      return [...nodesAt(node, 'body').flatMap(namesOfStatement), ...hoistedNames(node)]
    case 'ForStatement':
      return namesOfHead(nodeAt(node, 'init'))
    case 'ForInStatement':
    case 'ForOfStatement':
      return namesOfHead(nodeAt(node, 'left'))
    case 'SwitchStatement':
      return nodesAt(node, 'cases').flatMap((branch) => nodesAt(branch, 'consequent').flatMap(namesOfStatement))
    case 'CatchClause':
      return namesOfPattern(nodeAt(node, 'param'))
    case 'ClassExpression':
      return ownName(node)
    default:
      return undefined
  }
}

/** The `var` names of a function's body that are not its parameters' as well: those are one variable. */
export function bodyNames(node: SyntaxNode): readonly string[] {
  const body = nodeAt(node, 'body')
  const params = new Set(nodesAt(node, 'params').flatMap(namesOfPattern))
  return body === undefined ? [] : hoistedNames(body).filter((name) => !params.has(name))
}

/** The name that an expression has inside itself; that of a declaration belongs to the block around it. */
function ownName(node: SyntaxNode): readonly string[] {
  return node.type.endsWith('Expression') ? namesOfPattern(nodeAt(node, 'id')) : []
}

function namesOfHead(head: SyntaxNode | undefined): readonly string[] {
  return head === undefined ? [] : namesOfStatement(head)
}

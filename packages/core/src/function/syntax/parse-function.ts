import { type Options, parse } from 'acorn'
import { nodeAt, nodesAt, type SyntaxNode } from './syntax-node.ts'

/** How the text of a function may have to be wrapped to be a program: `fn.toString()` of a method is `name(…) { … }`. */
const wrappings: readonly (readonly [before: string, after: string])[] = [
  ['(', '\n)'],
  ['({', '\n})'],
  // Private names and `super` occur in classes only.
  ['(class extends Object {', '\n})'],
]

const leniency: Partial<Options> = {
  ecmaVersion: 'latest',
  allowAwaitOutsideFunction: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
}

/** The syntax tree of what `Function.prototype.toString` gives: a function, an arrow, a method, a class. Throws acorn's SyntaxError. */
export function parseFunction(source: string): SyntaxNode {
  let firstError: unknown
  for (const sourceType of ['module', 'script'] as const) {
    for (const [before, after] of wrappings) {
      try {
        return functionOf(parse(before + source + after, { ...leniency, sourceType } as Options) as unknown as SyntaxNode)
      } catch (error) {
        firstError ??= error
      }
    }
  }
  throw firstError
}

/** The function itself, without what it was wrapped in; a method without its name, which says nothing about what it does. */
function functionOf(program: SyntaxNode): SyntaxNode {
  const statement = nodesAt(program, 'body')[0]
  const expression = statement && nodeAt(statement, 'expression')
  if (expression === undefined) throw new SyntaxError('the source is no function')
  const members = expression.type === 'ObjectExpression' ? nodesAt(expression, 'properties') : membersOfWrapper(expression)
  const member = members[0]
  return (member && nodeAt(member, 'value')) ?? expression
}

/** The members of the wrapping class; none of a class that is itself what was given. */
function membersOfWrapper(expression: SyntaxNode): readonly SyntaxNode[] {
  const superClass = nodeAt(expression, 'superClass')
  const body = nodeAt(expression, 'body')
  const isWrapper = expression.type === 'ClassExpression' && expression['id'] === null && superClass?.['name'] === 'Object'
  return isWrapper && body ? nodesAt(body, 'body') : []
}

import type { ExpressionNode, FunctionReference } from '../node.ts'
import { walkNodes } from './walk-nodes.ts'

/** The functions that an expression calls, each once (by name and hash). */
export function functionsOf(node: ExpressionNode): readonly FunctionReference[] {
  const found = new Map<string, FunctionReference>()
  for (const inner of walkNodes(node)) if (inner.node === 'call') found.set(`${inner.function.name} ${inner.function.hash}`, inner.function)
  return [...found.values()]
}

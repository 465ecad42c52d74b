import type { CallNode, ExpressionNode } from '../node.ts'
import { childNodes } from '../tree/child-nodes.ts'

/** The calls in an expression, each before those that take its result: an order in which a batch's functions can be run. */
export function collectCalls(node: ExpressionNode): readonly CallNode[] {
  const calls = new Set<CallNode>()
  const visit = (at: ExpressionNode): void => {
    childNodes(at).forEach(visit)
    if (at.node === 'call') calls.add(at)
  }
  visit(node)
  return [...calls]
}

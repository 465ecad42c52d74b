import type { ExpressionNode } from '../node.ts'
import { childNodes } from './child-nodes.ts'

/** A node and all below it, each before its own children. */
export function* walkNodes(node: ExpressionNode): Generator<ExpressionNode, void, undefined> {
  yield node
  for (const child of childNodes(node)) yield* walkNodes(child)
}

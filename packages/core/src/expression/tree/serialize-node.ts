import { stableJson } from '../../value/stable-json.ts'
import type { ExpressionNode } from '../node.ts'

/** A node as JSON, the same text for equal trees. `parseNode` reads it back. */
export function serializeNode(node: ExpressionNode): string {
  return stableJson(node)
}

import { callNode } from '../create-node.ts'
import type { ExpressionNode } from '../node.ts'
import { mapNode } from './map-node.ts'
import { serializeNode } from './serialize-node.ts'

export interface NodesEqualOptions {
  /** True: two calls of functions of one name are equal whatever their code is. */
  readonly ignoreCode?: boolean
}

/** Whether two expressions are the same tree. */
export function nodesEqual(a: ExpressionNode, b: ExpressionNode, { ignoreCode = false }: NodesEqualOptions = {}): boolean {
  if (a === b) return true
  return ignoreCode ? serializeNode(withoutHashes(a)) === serializeNode(withoutHashes(b)) : serializeNode(a) === serializeNode(b)
}

function withoutHashes(node: ExpressionNode): ExpressionNode {
  return mapNode(node, (inner) =>
    inner.node === 'call' && inner.function.hash !== ''
      ? callNode({ name: inner.function.name, hash: '' }, inner.operands.map(withoutHashes), inner.type)
      : undefined,
  )
}

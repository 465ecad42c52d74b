import type { ExpressionNode } from '../node.ts'
import { aggregateNode, callNode, historyNode, objectNode, operatorNode, rollUpNode } from '../create-node.ts'

/**
 * A tree with some nodes replaced. `replace` sees each node before its children: what it returns stands there as it is; undefined keeps
 * the node and goes on below it. Parts in which nothing changed are the same objects as before.
 */
export function mapNode(node: ExpressionNode, replace: (node: ExpressionNode) => ExpressionNode | undefined): ExpressionNode {
  const replaced = replace(node)
  if (replaced !== undefined) return replaced
  switch (node.node) {
    case 'operator': {
      const operands = mapAll(node.operands, replace)
      return operands === node.operands ? node : operatorNode(node.operator, operands, node.type, node.options)
    }
    case 'call': {
      const operands = mapAll(node.operands, replace)
      return operands === node.operands ? node : callNode(node.function, operands, node.type)
    }
    case 'object': {
      const [names, values] = [Object.keys(node.fields), Object.values(node.fields)]
      const mapped = mapAll(values, replace)
      return mapped === values ? node : objectNode(Object.fromEntries(mapped.map((value, index) => [names[index] ?? '', value])))
    }
    case 'aggregate': {
      const operands = mapAll(node.operands, replace)
      const filter = node.filter && mapNode(node.filter, replace)
      const keys = node.orderBy.map((key) => key.node)
      const mapped = mapAll(keys, replace)
      if (operands === node.operands && filter === node.filter && mapped === keys) return node
      const orderBy = node.orderBy.map((key, index) => ({ ...key, node: mapped[index] ?? key.node }))
      return aggregateNode(node.aggregate, operands, node.type, { filter, orderBy })
    }
    case 'rollUp': {
      const rows = mapNode(node.rows, replace)
      return rows === node.rows || rows.node !== 'column' ? node : rollUpNode(rows, node.aggregate, node.wait)
    }
    case 'history': {
      // the keys are the stored columns themselves: nothing stands in their places
      const [names, values] = [Object.keys(node.fields), Object.values(node.fields)]
      const mapped = mapAll(values, replace)
      if (mapped === values) return node
      return historyNode({ ...node, fields: Object.fromEntries(mapped.map((value, index) => [names[index] ?? '', value])) }, node.type)
    }
    default:
      return node
  }
}

function mapAll(nodes: readonly ExpressionNode[], replace: (node: ExpressionNode) => ExpressionNode | undefined): readonly ExpressionNode[] {
  const mapped = nodes.map((node) => mapNode(node, replace))
  return mapped.every((node, index) => node === nodes[index]) ? nodes : mapped
}

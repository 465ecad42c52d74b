import { createHash } from 'node:crypto'
import { type ExpressionNode, walkNodes } from '@vivant/core'

/** Which code a column is: over the hashes of all functions that its expressions call, whatever their order. Null without a function. */
export function columnCodeHash(expressions: readonly ExpressionNode[]): string | null {
  const calls = expressions.flatMap((expression) => [...walkNodes(expression)]).flatMap((node) => (node.node === 'call' ? [node.function] : []))
  if (calls.length === 0) return null
  const identities = [...new Set(calls.map(({ name, hash }) => `${name}\0${hash}`))].toSorted()
  return createHash('sha256').update(identities.join('\0')).digest('hex')
}

import { createExpression } from './create-expression.ts'
import { operatorNode } from './create-node.ts'
import type { TimestampExpression } from './time-expression.ts'

/** When the evaluation began. A computed column that uses it keeps the moment at which it was computed. */
export function now(): TimestampExpression<never> {
  return createExpression(operatorNode('now', [], { kind: 'timestamp' })) as TimestampExpression<never>
}

import { operatorNode } from '../expression/create-node.ts'
import type { StoredColumnDefinition } from '../schema/table-definition.ts'
import type { AnyColumn } from './column.ts'
import { columnSpec } from './column-spec.ts'

/** A builder's column under a name, as the catalog has it. */
export function columnDefinition(name: string, builder: AnyColumn): StoredColumnDefinition {
  const { checks, ...spec } = columnSpec(builder)
  const conditions = checks.map((nodeFor) => nodeFor(name))
  const check = conditions.length === 0 ? null : conditions.reduce((a, b) => operatorNode('and', [a, b], { kind: 'boolean' }))
  return Object.freeze({ name, ...spec, check })
}

import type { FunctionDefinition } from '../function/function-definition.ts'
import type { Media } from '../media/media.ts'
import { createExpression } from './create-expression.ts'
import { objectNode } from './create-node.ts'
import type { Expression, ValueOf } from './expression.ts'
import { expressionState, isExpression } from './expression-state.ts'
import type { JsonExpression } from './json-expression.ts'
import type { ObjectNode } from './node.ts'
import type { Selection } from './selection.ts'
import { plainEntries } from '../value/plain-object.ts'

/** What a value is inside JSON. */
type JsonOf<V> = V extends Date | bigint | Uint8Array | Media ? string : V extends Float32Array ? readonly number[] : V
type JsonObject<X> = { [K in keyof X]: X[K] extends Expression ? JsonOf<ValueOf<X[K]>> : JsonObject<X[K]> }

/**
 * A JSON object of expressions: `obj({ title: r.title, size: { width: r.photo.width } })`. Nulls stay in it as JSON nulls.
 */
export function obj<X extends Selection>(fields: X): JsonExpression<JsonObject<X>, never> {
  const functions = new Set<FunctionDefinition>()
  return createExpression(nodeOf(fields, functions), functions) as unknown as JsonExpression<JsonObject<X>, never>
}

function nodeOf(fields: unknown, functions: Set<FunctionDefinition>): ObjectNode {
  const nodes = (plainEntries(fields) ?? []).map(([name, field]) => {
    if (!isExpression(field) && plainEntries(field) !== undefined) return [name, nodeOf(field, functions)] as const
    const state = expressionState(field)
    for (const definition of state.functions) functions.add(definition)
    return [name, state.node] as const
  })
  return objectNode(Object.fromEntries(nodes))
}

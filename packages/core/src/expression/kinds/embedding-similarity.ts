import { VivantError } from '../../error/vivant-error.ts'
import { operatorNode } from '../create-node.ts'
import type { Expression } from '../expression.ts'
import { expressionState } from '../expression-state.ts'
import { MediaReference } from '../../media/media-reference.ts'
import { mergeFunctions, parseFreeOperand } from '../parse-operand.ts'
import type { SimilarityOptions } from '../searchable.ts'
import { floatType, placeOf } from './derive.ts'

/** Similarity through the embedding index of a column: storage finds the index and embeds the query with its model. */
export function embeddingSimilarity(self: unknown, query: unknown, options: SimilarityOptions = {}): Expression {
  const state = expressionState(self)
  if (state.node.node !== 'column') {
    throw new VivantError('EXPRESSION_INVALID', `${placeOf(self, 'similarity')} needs an embedding index, which only a column can have`)
  }
  const operand = parseFreeOperand(asConstant(query))
  const node = operatorNode('similarity', [state.node, operand.node], floatType, { index: options.index ?? null })
  return state.create(node, mergeFunctions([state, operand]))
}

/** A question as an expression can hold it: what has to be read first must be read by the caller. */
function asConstant(query: unknown): unknown {
  if (query instanceof URL) return query.href
  if (query instanceof MediaReference) return query.url
  if (query instanceof Blob || query instanceof ReadableStream)
    throw new VivantError('TYPE_MISMATCH', 'similarity() cannot wait for a Blob or a stream: read its bytes first, new Uint8Array(await blob.arrayBuffer())')
  return query
}

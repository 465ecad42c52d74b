import type { OperatorEvaluator } from './evaluator.ts'
import { type OperatorOptions, optionOf } from './operator-options.ts'
import { operandAt, strictBinary } from './strict.ts'

type Metric = OperatorOptions['metric']

export const vectorEvaluators: Record<'similarity' | 'distance', OperatorEvaluator> = {
  similarity: (node, operands, context) => {
    // Over an embedding index only storage can answer: the vector is not among the expression's columns.
    if (operandAt(node.operands, 0).type.kind !== 'vector') return context.lookup(node, operands)
    return strictBinary(cosineSimilarity)(node, operands, context)
  },
  distance: (node, operands, context) => strictBinary(distances[optionOf(node, 'metric')])(node, operands, context),
}

const distances: Record<Metric, (a: Float32Array, b: Float32Array) => number | null> = {
  cosine: (a, b) => {
    const similarity = cosineSimilarity(a, b)
    return similarity === null ? null : 1 - similarity
  },
  l2: (a, b) => {
    let sum = 0
    for (let index = 0; index < a.length; index++) {
      const difference = Math.fround((a[index] ?? 0) - (b[index] ?? 0))
      sum = Math.fround(sum + Math.fround(difference * difference))
    }
    return finite(Math.sqrt(sum))
  },
  innerProduct: (a, b) => finite(-dot(a, b)),
}

/** In 32 bits, as pgvector computes: sums overflow and vanish in the same places; the order of its additions is its own. */
function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum = Math.fround(sum + Math.fround((a[index] ?? 0) * (b[index] ?? 0)))
  return sum
}

function cosineSimilarity(a: Float32Array, b: Float32Array): number | null {
  const similarity = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
  return Number.isNaN(similarity) ? null : Math.max(-1, Math.min(1, similarity))
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

import type { VectorType } from '../value/value-type.ts'
import type { Comparable } from './comparable.ts'
import type { Expression } from './expression.ts'
import type { NumberExpression } from './number-expression.ts'
import type { VectorMetric } from '../schema/table-definition.ts'

export interface VectorExpression<D extends number, N extends null> extends Comparable<VectorType<D>, N> {
  /**
   * Cosine similarity: 1 for the same direction, 0 for a right angle. Null for a vector of zeros. A vector column has no metric of its
   * own: for another one say `distance`. (That of an embedding index is the metric of `similarity` of the column it embeds.)
   */
  similarity<M extends null = never>(query: Float32Array | readonly number[] | Expression<VectorType<D>, M>): NumberExpression<null>
  /** Cosine distance (1 − similarity) unless another metric is named (`innerProduct`: the negative inner product); smaller is nearer. */
  distance<M extends null = never>(
    query: Float32Array | readonly number[] | Expression<VectorType<D>, M>,
    options?: { readonly metric?: VectorMetric },
  ): NumberExpression<null>
}

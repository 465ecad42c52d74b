import type { VivantTypeError } from '../error/type-error.ts'
import type { Expression } from './expression.ts'
import type { NumberExpression } from './number-expression.ts'

/** Calling `similarity` on such an expression is a compile error that says what to do. */
export interface NoEmbeddingIndex {
  readonly similarity: VivantTypeError<'similarity() needs an embedding index: add one to this column with .addEmbeddingIndex(column, model)'>
}

export interface SimilarityOptions {
  /** Which embedding index, where the column has several. */
  readonly index?: string
}

/** Added to a column that has an embedding index; `Q` is what its model can embed. */
export interface Searchable<Q> {
  /**
   * How near it is in meaning to a value that the model embeds, a vector, or another expression; greater is nearer, by the index's
   * metric: `cosine` (where none was named) 1 − the cosine distance, 1 for the same direction; `l2` 1 ÷ (1 + the distance), 1 for
   * equal; `innerProduct` the inner product, which has no greatest value. Null while there is no embedding.
   */
  readonly similarity: NoEmbeddingIndex['similarity'] & ((query: Q | Float32Array | Expression, options?: SimilarityOptions) => NumberExpression<null>)
}

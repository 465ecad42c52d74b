import type { ArrayType, TextType } from '../value/value-type.ts'
import type { ArrayExpression } from './array-expression.ts'
import type { BooleanExpression } from './boolean-expression.ts'
import type { Ordered } from './comparable.ts'
import type { Expression } from './expression.ts'
import type { NumberExpression } from './number-expression.ts'
import type { NoEmbeddingIndex } from './searchable.ts'

/** `V` is `string`, or the literals of an enum. */
export interface TextExpression<V extends string, N extends null> extends Ordered<TextType<V>, N>, NoEmbeddingIndex {
  eq<M extends null = never>(other: V | Expression<TextType, M>): BooleanExpression<N | NoInfer<M>>
  ne<M extends null = never>(other: V | Expression<TextType, M>): BooleanExpression<N | NoInfer<M>>
  concat<M extends null = never>(other: string | Expression<TextType, M>): TextExpression<string, N | NoInfer<M>>
  /** ASCII letters only, so that every machine agrees. */
  upper(): TextExpression<string, N>
  /** ASCII letters only, so that every machine agrees. */
  lower(): TextExpression<string, N>
  /** Without the ASCII white space at both ends. */
  trim(): TextExpression<string, N>
  /** In code points. */
  length(): NumberExpression<N>
  /** SQL's pattern: `%` any text, `_` one character, `\` before either takes it as it is. */
  like(pattern: string): BooleanExpression<N>
  /** `like` without regard to case (of ASCII letters). */
  ilike(pattern: string): BooleanExpression<N>
  contains<M extends null = never>(part: string | Expression<TextType, M>): BooleanExpression<N | NoInfer<M>>
  startsWith<M extends null = never>(part: string | Expression<TextType, M>): BooleanExpression<N | NoInfer<M>>
  /** Every occurrence; no patterns. */
  replace(from: string, to: string): TextExpression<string, N>
  /** The empty text gives an empty array. */
  split(separator: string): ArrayExpression<ArrayType<TextType>, N>
}

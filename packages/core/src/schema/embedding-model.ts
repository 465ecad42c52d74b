import type { AnyColumn, Column, TypeOfColumn } from '../column/column.ts'
import { VivantError } from '../error/vivant-error.ts'
import type { HasFunction } from '../function/udf.ts'
import { describeType } from '../value/describe-type.ts'
import type { ValueType, VectorType } from '../value/value-type.ts'
import type { EmbeddingModelDefinition } from './table-definition.ts'

declare const embeds: unique symbol
declare const answers: unique symbol

/** A model that turns values of type `T` into vectors, and accepts `Q` as the question. */
export interface EmbeddingModel<out T extends ValueType = ValueType, out Q = unknown> {
  readonly [embeds]: T
  readonly [answers]: Q
  readonly definition: EmbeddingModelDefinition
}

export type EmbeddedType<M> = M extends EmbeddingModel<infer T, infer _Q> ? T : never
export type QuestionOf<M> = M extends EmbeddingModel<infer _T, infer Q> ? Q : never

export interface EmbeddingModelOptions<E extends EmbeddingFunction, Q extends EmbeddingFunction> {
  /** What the model is called in the catalog. */
  readonly name: string
  /** From a column's value to its vector. Further arguments of the function need defaults. */
  readonly embed: E
  /** From a question to its vector, where questions are of another type (text that asks for images) or are embedded in another way. */
  readonly embedQuery?: Q
}
export type EmbeddingFunction = HasFunction<readonly [AnyColumn, ...AnyColumn[]], Column<VectorType>>

type FirstInput<F> = F extends HasFunction<infer I, infer _O> ? TypeOfColumn<I[0]> : never

/**
 * An embedding model of functions. TYPE_MISMATCH when the two give vectors of different length.
 *
 * ```ts
 * const byMeaning = embeddingModel({ name: 'meaning', embed: udf({ input: [t.text()], output: t.vector(384), batch: 32 }, run) })
 * ```
 */
export function embeddingModel<E extends EmbeddingFunction, Q extends EmbeddingFunction = E>({
  name,
  embed,
  embedQuery,
}: EmbeddingModelOptions<E, Q>): EmbeddingModel<FirstInput<E>, FirstInput<Q>['input']> {
  const [values, questions] = [embed.definition, (embedQuery ?? embed).definition]
  const type = values.output.type
  if (type.kind !== 'vector' || describeType(questions.output.type) !== describeType(type)) {
    const given = `${describeType(type)} and ${describeType(questions.output.type)}`
    throw new VivantError('TYPE_MISMATCH', `the model '${name}' needs functions that give vectors of one length, not ${given}`)
  }
  const definition: EmbeddingModelDefinition = Object.freeze({ name, dimensions: type.dimensions, embed: values, embedQuery: questions })
  return Object.freeze({ definition }) as unknown as EmbeddingModel<FirstInput<E>, FirstInput<Q>['input']>
}

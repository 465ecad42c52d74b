import type { AnyColumn, Column } from '../column/column.ts'
import { VivantError } from '../error/vivant-error.ts'
import type { Expression, TypeOfExpression } from '../expression/expression.ts'
import { expressionNode, isExpression } from '../expression/expression-state.ts'
import { describeType } from '../value/describe-type.ts'
import { describeValue } from '../value/describe-value.ts'
import type { ArrayType, JsonType } from '../value/value-type.ts'
import { eachDefinition } from './each-definition.ts'
import { iterateExpression } from './iterate-expression.ts'
import type { Iteration } from './iteration.ts'

/** The column of an element: those of a JSON list may be null. */
export type EachColumn<T> =
  T extends ArrayType<infer E>
    ? Column<E>
    : T extends JsonType<infer V>
      ? Column<JsonType<V extends readonly (infer E)[] ? E : unknown>, 'nullable'>
      : AnyColumn

/**
 * A row for each element of an array, or of a JSON list, in its column `value`. A null gives no rows.
 *
 * ```ts
 * db.createView('post_tags', { of: posts, iterate: (post) => each(post.tags) })
 * ```
 *
 * With a plain array it iterates: `[...each(['a'])]` is `[{ value: 'a' }]`.
 */
export function each<X extends Expression<ArrayType | JsonType>>(list: X): Iteration<{ readonly value: EachColumn<TypeOfExpression<X>> }>
export function each<V>(list: readonly V[]): Generator<{ readonly value: V }, void, undefined>
export function each(list: unknown): unknown {
  if (Array.isArray(list)) return plainItems(list)
  if (!isExpression(list)) throw new VivantError('TYPE_MISMATCH', `each() takes an array or a JSON list, not ${describeValue(list)}`)
  const { type } = expressionNode(list)
  const definition = eachDefinition(type)
  if (definition === undefined) throw new VivantError('TYPE_MISMATCH', `each() takes an array or a JSON list, not ${describeType(type)}`)
  return iterateExpression(definition, [list])
}

function* plainItems(list: readonly unknown[]): Generator {
  for (const value of list) yield { value }
}

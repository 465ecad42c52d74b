import type { AnyColumn, RecordColumns } from '../column/column.ts'
import { isExpression } from '../expression/expression-state.ts'
import type { Arguments, IsLifted, PlainColumns } from '../function/function-options.ts'
import { createIteratorDefinition } from './create-iterator-definition.ts'
import { iterateExpression } from './iterate-expression.ts'
import { iterateStandalone } from './iterate-standalone.ts'
import type { Iteration } from './iteration.ts'
import type { IteratorDefinition } from './iterator-definition.ts'
import type { IteratorOptions, IteratorParameters, IteratorResult, PlainIteration, PlainRecord } from './iterator-options.ts'

/** An iterator over cells: `I` its inputs, `C` the columns of its items, `P` what a call with plain values gives. */
export interface IteratorFunction<I extends readonly AnyColumn[], C extends RecordColumns, P> {
  /** With an expression among the arguments: what a view is made of. With values only: iterates. */
  <const A extends Arguments<I>>(...args: A): IsLifted<A> extends true ? Iteration<C> : P
  /** An iteration whatever the arguments. */
  iteration(...args: Arguments<I>): Iteration<C>
  /** What the engine knows of it. */
  readonly definition: IteratorDefinition
}

/**
 * A typed generator of rows: each item becomes a row of a view.
 *
 * ```ts
 * const lines = iterator({ name: 'lines', input: [t.text()], output: { line: t.text(), number: t.int() } }, function* (text) {
 *   for (const [number, line] of text.split('\n').entries()) yield { line, number }
 * })
 * db.createView('post_lines', { of: posts, iterate: (post) => lines(post.body) })
 * [...lines('a\nb')] // [{ line: 'a', number: 0 }, { line: 'b', number: 1 }]
 * ```
 *
 * The generator may be asynchronous. An argument declared non-null that is null gives no rows without a call. The last argument of the code
 * is its `FunctionContext`; which code it is, is found as for `udf`. Throws NAME_INVALID for a column that a view cannot have.
 */
export function iterator<const O extends IteratorOptions, R extends IteratorResult<O>>(
  options: O,
  code: (...args: IteratorParameters<O>) => R,
): IteratorFunction<PlainColumns<O['input']>, PlainRecord<O['output']>, PlainIteration<O['output'], R>> {
  const definition = createIteratorDefinition(options, code)
  const iteration = (...args: readonly unknown[]) => iterateExpression(definition, args)
  const callable = (...args: readonly unknown[]) => (args.some(isExpression) ? iteration(...args) : iterateStandalone(definition, args))
  Object.defineProperty(callable, 'name', { value: definition.name ?? '' })
  return Object.freeze(Object.assign(callable, { iteration, definition })) as never
}

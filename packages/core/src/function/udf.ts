import type { AnyColumn, TypeOfColumn } from '../column/column.ts'
import type { ExpressionOf } from '../expression/expression-of.ts'
import { isExpression } from '../expression/expression-state.ts'
import { callExpression } from './call-expression.ts'
import { createFunctionDefinition } from './create-function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import type {
  Arguments,
  CodeParameters,
  CodeResult,
  FunctionOptions,
  IsLifted,
  OutputColumn,
  PlainColumns,
  PlainResult,
  ResultNull,
} from './function-options.ts'
import { runStandalone } from './run-standalone.ts'

declare const functionTypes: unique symbol

/** Whatever is a function over cells, for places that take any. */
export interface HasFunction<out I extends readonly AnyColumn[] = readonly AnyColumn[], out O extends AnyColumn = AnyColumn> {
  readonly [functionTypes]: { readonly input: I; readonly output: O }
  /** What the engine knows of it. */
  readonly definition: FunctionDefinition
}

/** A function over cells: `I` its inputs, `O` its output, `P` what a call with plain values gives. */
export interface Udf<I extends readonly AnyColumn[], O extends AnyColumn, P> extends HasFunction<I, O> {
  /** With an expression among the arguments: an expression. With values only: runs the code for one row. */
  <const A extends Arguments<I>>(...args: A): IsLifted<A> extends true ? ExpressionOf<TypeOfColumn<O>, ResultNull<I, O, A>> : P
  /** An expression whatever the arguments: also for a function without arguments, or with constants only. */
  expression<const A extends Arguments<I>>(...args: A): ExpressionOf<TypeOfColumn<O>, ResultNull<I, O, A>>
}

/**
 * A typed function for computed columns, filters and queries.
 *
 * ```ts
 * const wordCount = udf({ name: 'word_count', input: [t.text()], output: t.int() }, (text) => text.split(/\s+/u).length)
 * wordCount(r.body)  // an expression
 * wordCount('a b')   // 2
 * ```
 *
 * An argument declared non-null that is null gives null without a call. The last argument of the code is its `FunctionContext`. Which code
 * it is, is the hash of its source, or `version`; neither sees what the code imports or closes over.
 * Throws FUNCTION_NEEDS_VERSION for a bound or native function without one.
 */
export function udf<const O extends FunctionOptions, const R extends CodeResult<O>>(
  options: O,
  code: (...args: CodeParameters<O>) => R,
): Udf<PlainColumns<O['input']>, OutputColumn<O['output']>, PlainResult<O, R>> {
  const definition = createFunctionDefinition(options, code)
  const expression = (...args: readonly unknown[]) => callExpression(definition, args)
  const callable = (...args: readonly unknown[]) => (args.some(isExpression) ? expression(...args) : runStandalone(definition, args))
  Object.defineProperty(callable, 'name', { value: definition.name ?? '' })
  return Object.freeze(Object.assign(callable, { expression, definition })) as never
}

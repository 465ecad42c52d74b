import type { AnyColumn, ColumnInput, PlainColumn, RecordColumns } from '../column/column.ts'
import type { FunctionContext } from '../function/function-definition.ts'
import type { ColumnValues, FunctionOptions } from '../function/function-options.ts'

export interface IteratorOptions extends Pick<FunctionOptions, 'name' | 'pool' | 'concurrency' | 'timeoutMs' | 'retry' | 'version'> {
  /** One column type an argument. Trailing ones with a default may be left out of a call. */
  readonly input: readonly AnyColumn[]
  /** The columns of each item. */
  readonly output: RecordColumns
}

/** What an iterator's code yields. */
export type IteratorItem<C> = { readonly [K in keyof C]: ColumnInput<C[K]> }

/** The parameters of the user's code. */
export type IteratorParameters<O extends IteratorOptions> = [...ColumnValues<O['input']>, context: FunctionContext]

/** What the user's code returns: a generator, or an array. */
export type IteratorResult<O extends IteratorOptions> = Iterable<IteratorItem<O['output']>> | AsyncIterable<IteratorItem<O['output']>>

/** What a call with values gives. */
export type PlainIteration<C, R> =
  R extends AsyncIterable<unknown> ? AsyncGenerator<IteratorItem<C>, void, undefined> : Generator<IteratorItem<C>, void, undefined>

/** The columns without their builder's methods. */
export type PlainRecord<C extends RecordColumns> = { readonly [K in keyof C]: PlainColumn<C[K]> }

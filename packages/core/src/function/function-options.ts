import type { AnyColumn, Column, ColumnInput, ColumnValue, DeclaredNull, FlagsOf, PlainColumn, RecordColumns } from '../column/column.ts'
import type { Expression, NullOfExpression } from '../expression/expression.ts'
import type { RecordType } from '../value/value-type.ts'
import type { FunctionContext, RetryPolicy } from './function-definition.ts'

export interface FunctionOptions {
  /** What the function is called in the catalog; needed for stored columns where the code has no name of its own. */
  readonly name?: string
  /** One column type an argument. Trailing ones with a default may be left out of a call. */
  readonly input: readonly AnyColumn[]
  /** The result's type; an object of types is a record: `{ lyrics: t.text(), tempo: t.float() }`. */
  readonly output: AnyColumn | RecordColumns
  /** With it, every argument and the result are arrays of up to this many rows. */
  readonly batch?: number
  /** The kind of worker that may run it (default `default`). */
  readonly pool?: string
  /** Calls under way at once in one process (default 8), or batches (default 2). */
  readonly concurrency?: number
  /** How long one call may take (default 300,000). */
  readonly timeoutMs?: number
  /** What becomes of transient errors; what is left out is as in `defaultRetry`. */
  readonly retry?: Partial<RetryPolicy>
  /** Remember results by arguments, across rows and columns. */
  readonly memo?: boolean
  /** Says which code it is instead of the hash of its source: needed where a bundler changes the source, and for bound or native functions. */
  readonly version?: string
}

type MaybePromise<V> = V | Promise<V>

export type ColumnValues<I extends readonly AnyColumn[]> = { readonly [K in keyof I]: ColumnValue<I[K]> }
type Batches<I extends readonly AnyColumn[]> = { readonly [K in keyof I]: readonly ColumnValue<I[K]>[] }

/** The column of a result: as declared, or a record of the fields. */
export type OutputColumn<O> = O extends Column<infer _T, infer _F> ? PlainColumn<O> : Column<RecordType<{ readonly [K in keyof O]: PlainColumn<O[K]> }>>

/** The parameters of the user's code: one row, or arrays of rows when `batch` is given. */
export type CodeParameters<O extends FunctionOptions> = O extends { batch: number }
  ? [...Batches<O['input']>, context: FunctionContext]
  : [...ColumnValues<O['input']>, context: FunctionContext]

/** What the user's code returns. In a batch an Error in an item's place fails that row alone. */
export type CodeResult<O extends FunctionOptions> = O extends { batch: number }
  ? MaybePromise<readonly (ColumnInput<OutputColumn<O['output']>> | Error)[]>
  : MaybePromise<ColumnInput<OutputColumn<O['output']>>>

/** What a call with values gives: one row's result, in a promise if the code is asynchronous. */
export type PlainResult<O extends FunctionOptions, R> = R extends PromiseLike<infer A> ? Promise<RowResult<O, A>> : RowResult<O, R>
type RowResult<O extends FunctionOptions, R> = O extends { batch: number } ? (R extends readonly (infer E)[] ? Exclude<E, Error> : never) : R

/** Each argument: a value or an expression. Trailing arguments with a default may be left out. */
export type Arguments<I extends readonly AnyColumn[]> = I extends readonly [...infer Head extends readonly AnyColumn[], infer Last]
  ? 'default' extends FlagsOf<Last>
    ? [...Arguments<Head>, Argument<Last>?]
    : RequiredArguments<I>
  : RequiredArguments<I>
type RequiredArguments<I extends readonly AnyColumn[]> = { -readonly [K in keyof I]: Argument<I[K]> }
// A conditional, not a named union: the compiler then prints what it is (`string | Expression<TextType, null>`).
type Argument<C> = C extends Column<infer T, infer F> ? T['input'] | T['value'] | Expression<T> | ('nullable' extends F ? null : never) : never

/** An argument declared non-null that may be null makes the result so: the code is not called for a null. */
export type PropagatedNull<I extends readonly AnyColumn[], A extends readonly unknown[]> = {
  [K in keyof A]-?: K extends keyof I ? ('nullable' extends FlagsOf<I[K]> ? never : NullOfExpression<A[K]>) : never
}[number]

/** Null of a call's result. */
export type ResultNull<I extends readonly AnyColumn[], O, A extends readonly unknown[]> = DeclaredNull<O> | PropagatedNull<I, A>

/** True when one of the arguments is an expression. */
export type IsLifted<A extends readonly unknown[]> = Extract<A[number], Expression> extends never ? false : true

/** The columns without their builder's methods: what a library writes down for its own functions. */
export type PlainColumns<I extends readonly AnyColumn[]> = { readonly [K in keyof I]: PlainColumn<I[K]> }

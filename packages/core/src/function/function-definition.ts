import type { DataType } from '../value/data-type.ts'

/** A user's function as the engine sees it: typed at its borders, identified by name and hash. */
export interface FunctionDefinition {
  /** Null when it was not named: such a function may be used in queries, a stored column refuses it. */
  readonly name: string | null
  /** SHA-256 over code and types, or over the explicit `version`. */
  readonly hash: string
  readonly inputs: readonly ParameterDefinition[]
  readonly output: OutputDefinition
  /** With it the code takes and returns arrays of up to this many rows. */
  readonly batch: number | null
  readonly pool: string
  /** Calls (or batches) under way at once in one process. */
  readonly concurrency: number
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  readonly memo: boolean
  readonly code: (...args: never[]) => unknown
}

export interface ParameterDefinition {
  readonly type: DataType
  /** False: a null argument gives null without a call. */
  readonly nullable: boolean
  /** Present when a trailing argument may be left out. */
  readonly defaultValue?: unknown
}

export interface OutputDefinition {
  readonly type: DataType
  readonly nullable: boolean
  /** Of a Standard Schema, `min` and `max`: throws or returns the accepted value. */
  readonly validate?: (value: unknown) => unknown
}

export interface RetryPolicy {
  readonly attempts: number
  readonly backoff: 'exponential' | 'constant'
  readonly initialMs: number
  readonly maxMs: number
}

export const defaultRetry: RetryPolicy = Object.freeze({ attempts: 5, backoff: 'exponential', initialMs: 1000, maxMs: 300_000 })
export const defaultTimeoutMs: number = 300_000

/** The last argument of every call. With `batch` the ids and keys are arrays, one item a row. */
export interface FunctionContext {
  /** Aborted on a time-out, a lost lease, or shutdown. */
  readonly signal: AbortSignal
  /** 1 for the first run with these inputs. */
  readonly attempt: number
  readonly log: FunctionLog
  readonly secrets: Readonly<Record<string, string>>
  /** The row's id; with `batch` see `ids`. Null when the function is called outside a column. */
  readonly id: number | null
  readonly ids: readonly number[]
  /** The same for the same inputs of the same row: functions run at least once. */
  readonly idempotencyKey: string
  readonly idempotencyKeys: readonly string[]
  readonly use: <R>(resource: Resource<R>) => Promise<R>
}

export interface FunctionLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Something expensive that calls share: a model, a connection. Created once per worker, disposed at its end. */
export interface Resource<R> {
  readonly name: string
  readonly scope: 'worker' | 'thread'
  readonly create: (context: { readonly secrets: Readonly<Record<string, string>>; readonly signal: AbortSignal }) => R | Promise<R>
  readonly dispose?: (value: R) => void | Promise<void>
  /** The same resource with another value: for tests. */
  with(value: R): ResourceOverride<R>
}
export interface ResourceOverride<R> {
  readonly resource: Resource<R>
  readonly value: R
}

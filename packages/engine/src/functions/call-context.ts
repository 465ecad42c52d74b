import { createHash } from 'node:crypto'
import type { FunctionContext, FunctionLog, Resource } from '@vivant/core'

/** What calls of one worker share. */
export interface CallEnvironment {
  readonly log: FunctionLog
  readonly secrets: Readonly<Record<string, string>>
  readonly use: <R>(resource: Resource<R>) => Promise<R>
}

/** A run of a function over rows, as its calls look at it. */
export interface CalledRun {
  readonly ids: readonly number[]
  /** Equal for equal inputs of a row, and for nothing else. */
  readonly keyOf: (row: number) => string
  readonly attemptOf: (row: number) => number
}

/**
 * The last argument of a call. Most functions never look at it, so the abort signal and the keys are made when they are
 * asked for.
 */
export class CallContext implements FunctionContext {
  readonly #environment: CallEnvironment
  readonly #run: CalledRun
  readonly #rows: number | readonly number[]
  #controller: AbortController | undefined
  #abortReason: Error | undefined

  /** `rows`: which rows of the run this call is for; a number for a call of one. */
  constructor(environment: CallEnvironment, run: CalledRun, rows: number | readonly number[]) {
    this.#environment = environment
    this.#run = run
    this.#rows = rows
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#abortReason) this.#controller.abort(this.#abortReason)
    return this.#controller.signal
  }

  get attempt(): number {
    return this.#run.attemptOf(this.#list()[0] ?? 0)
  }

  get log(): FunctionLog {
    return this.#environment.log
  }

  get secrets(): Readonly<Record<string, string>> {
    return this.#environment.secrets
  }

  get id(): number | null {
    return this.ids[0] ?? null
  }

  get ids(): readonly number[] {
    return this.#list().map((row) => this.#run.ids[row]!)
  }

  get idempotencyKey(): string {
    return this.idempotencyKeys[0] ?? ''
  }

  get idempotencyKeys(): readonly string[] {
    return this.#list().map((row) => createHash('sha256').update(this.#run.keyOf(row)).digest('base64url'))
  }

  use<R>(resource: Resource<R>): Promise<R> {
    return this.#environment.use(resource)
  }

  #list(): readonly number[] {
    return typeof this.#rows === 'number' ? [this.#rows] : this.#rows
  }

  abort(reason: Error): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }
}

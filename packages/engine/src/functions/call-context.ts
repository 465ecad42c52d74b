import { createHash } from 'node:crypto'
import type { FunctionContext, FunctionLog, Resource } from '@vivant/core'

/** What calls of one worker share. */
export interface CallEnvironment {
  readonly log: FunctionLog
  readonly secrets: Readonly<Record<string, string>>
  readonly use: <R>(resource: Resource<R>) => Promise<R>
}

/** Which rows a call is for, and what makes their inputs what they are. */
export interface CallRows {
  readonly ids: readonly number[]
  /** Names the column, its version and the inputs of each row: equal for equal inputs. */
  readonly keys: readonly (() => string)[]
  readonly attempt: number
}

/**
 * The last argument of a call. Most functions never look at it, so the abort signal and the keys are made when they are
 * asked for.
 */
export class CallContext implements FunctionContext {
  readonly #environment: CallEnvironment
  readonly #rows: CallRows
  #controller: AbortController | undefined
  #abortReason: Error | undefined

  constructor(environment: CallEnvironment, rows: CallRows) {
    this.#environment = environment
    this.#rows = rows
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#abortReason) this.#controller.abort(this.#abortReason)
    return this.#controller.signal
  }

  get attempt(): number {
    return this.#rows.attempt
  }

  get log(): FunctionLog {
    return this.#environment.log
  }

  get secrets(): Readonly<Record<string, string>> {
    return this.#environment.secrets
  }

  get id(): number | null {
    return this.#rows.ids[0] ?? null
  }

  get ids(): readonly number[] {
    return this.#rows.ids
  }

  get idempotencyKey(): string {
    return this.idempotencyKeys[0] ?? ''
  }

  get idempotencyKeys(): readonly string[] {
    return this.#rows.keys.map((key) => createHash('sha256').update(key()).digest('base64url'))
  }

  use<R>(resource: Resource<R>): Promise<R> {
    return this.#environment.use(resource)
  }

  abort(reason: Error): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }
}

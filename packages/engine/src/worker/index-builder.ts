import type { FunctionLog } from '@vivant/core'
import { buildVectorIndexes, type Database } from '@vivant/storage'

/** Now and then builds the vector indexes that are missing, beside the worker's loop: a build may take minutes. */
export class IndexBuilder implements AsyncDisposable {
  readonly #database: Database
  readonly #log: FunctionLog
  readonly #everyMs: number
  readonly #abort = new AbortController()
  #startedAt = -Infinity
  #building: Promise<void> | undefined

  constructor(database: Database, log: FunctionLog, everyMs: number) {
    this.#database = database
    this.#log = log
    this.#everyMs = everyMs
  }

  /** Begins a round when the last one has ended and is long enough ago. */
  tick(): void {
    if (this.#building || performance.now() - this.#startedAt < this.#everyMs) return
    this.#startedAt = performance.now()
    this.#building = this.#build()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort()
    await this.#building
  }

  async #build(): Promise<void> {
    try {
      const built = await buildVectorIndexes(this.#database, { signal: this.#abort.signal })
      if (built.length > 0) this.#log.info('Vector indexes were built.', { indexes: built })
    } catch (error) {
      this.#log.warn('A vector index could not be built; searches compare all vectors until then.', { error: (error as Error).message })
    } finally {
      this.#building = undefined
    }
  }
}

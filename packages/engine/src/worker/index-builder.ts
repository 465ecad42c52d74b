import type { FunctionLog } from '@vivant/core'
import { buildOrderIndexes, buildVectorIndexes, type Database } from '@vivant/storage'

/** Now and then builds the indexes that are missing, of vectors and of the order of groups, beside the worker's loop: a build may take minutes. */
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

  /** Begins a round when the last one has ended and is long enough ago, or when the catalog has changed since. */
  tick(changed = false): void {
    if (this.#building || (!changed && performance.now() - this.#startedAt < this.#everyMs)) return
    this.#startedAt = performance.now()
    this.#building = this.#build()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort()
    await this.#building
  }

  async #build(): Promise<void> {
    try {
      const ordered = await buildOrderIndexes(this.#database, this.#abort.signal)
      const built = await buildVectorIndexes(this.#database, { signal: this.#abort.signal })
      if (built.length + ordered.length > 0) this.#log.info('Indexes were built.', { indexes: [...ordered, ...built] })
    } catch (error) {
      this.#log.warn('An index could not be built; until then searches compare all vectors, and groups are found by reading their table.', {
        error: (error as Error).message,
      })
    } finally {
      this.#building = undefined
    }
  }
}

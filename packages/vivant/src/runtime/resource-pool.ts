import type { Resource, ResourceOverride } from '@vivant/core'

/** The resources of one connection: each is made when first used, kept while calls share it, and disposed at the end. */
export class ResourcePool implements AsyncDisposable {
  readonly #secrets: Readonly<Record<string, string>>
  readonly #overrides: ReadonlyMap<Resource<unknown>, unknown>
  readonly #made = new Map<Resource<unknown>, Promise<unknown>>()
  readonly #abort = new AbortController()

  constructor(secrets: Readonly<Record<string, string>>, overrides: readonly ResourceOverride<unknown>[]) {
    this.#secrets = secrets
    this.#overrides = new Map(overrides.map((override) => [override.resource, override.value]))
  }

  async use<R>(resource: Resource<R>): Promise<R> {
    const key = resource as Resource<unknown>
    if (this.#overrides.has(key)) return this.#overrides.get(key) as R
    const standing = this.#made.get(key)
    if (standing) return standing as Promise<R>
    const made = (async () => resource.create({ secrets: this.#secrets, signal: this.#abort.signal }))()
    this.#made.set(key, made)
    // a failure is not kept: the next use tries again
    made.catch(() => this.#made.delete(key))
    return made
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(new Error('the connection is closed'))
    const made = [...this.#made]
    this.#made.clear()
    await Promise.allSettled(made.map(async ([resource, value]) => resource.dispose?.(await value)))
  }
}

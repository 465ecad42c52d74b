const maxAgeMs = 10_000
const maxFacts = 500

/** What planning has asked the database lately. Out of date it costs time, never a row: either way of searching is right at any time. */
export class PlanFacts {
  readonly #facts = new Map<string, { readonly value: unknown; readonly readAt: number }>()

  async get<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#facts.get(key)
    if (known && performance.now() - known.readAt < maxAgeMs) return known.value as T
    const value = await read()
    this.#facts.delete(key)
    this.#facts.set(key, { value, readAt: performance.now() })
    const [oldest] = this.#facts.keys()
    if (this.#facts.size > maxFacts && oldest !== undefined) this.#facts.delete(oldest)
    return value
  }
}

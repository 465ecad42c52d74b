/** Collects the values of a statement while its text is written: `add` gives the placeholder. */
export class Parameters {
  readonly values: unknown[] = []
  readonly #known = new Map<object, string>()

  add(value: unknown, type?: string): string {
    this.values.push(value)
    return type === undefined ? `$${this.values.length}` : `$${this.values.length}::${type}`
  }

  /** A list that several parts of the statement use: encoded and sent once. */
  addOnce<T extends object>(list: T, encode: (list: T) => string, type: string): string {
    const known = this.#known.get(list) ?? this.add(encode(list), type)
    this.#known.set(list, known)
    return known
  }
}

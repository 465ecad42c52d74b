/** Collects the values of a statement while its text is written: `add` gives the placeholder. */
export class Parameters {
  readonly values: unknown[] = []

  add(value: unknown, type?: string): string {
    this.values.push(value)
    return type === undefined ? `$${this.values.length}` : `$${this.values.length}::${type}`
  }
}

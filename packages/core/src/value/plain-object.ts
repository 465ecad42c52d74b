/** The entries of an object literal (or one without prototype); undefined for anything else. */
export function plainEntries(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object from another realm (a worker, a vm) has another Object.prototype, whose own prototype is null.
  const isPlain = prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
  return isPlain ? Object.entries(value) : undefined
}

/** An object of entries. `Object.fromEntries` defines properties, so a key `__proto__` stays a key. */
export function plainObject(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(entries)
}

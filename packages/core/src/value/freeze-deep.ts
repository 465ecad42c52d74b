/** Freezes plain data through and through. Bytes cannot be frozen and are left as they are. */
export function freezeDeep<V>(value: V): V {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  for (const item of items) if (typeof item === 'object') freezeDeep(item)
  return Object.freeze(value)
}

/** A short name of a JavaScript value for messages: `the number 5`, `an array of 3`, `a Date`. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'string') return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value)}`
  if (typeof value === 'bigint') return `the bigint ${value}n`
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (Array.isArray(value)) return `an array of ${value.length}`
  const { constructor }: { readonly constructor?: unknown } = value
  const name = typeof constructor === 'function' ? constructor.name : ''
  return name !== '' && name !== 'Object' ? `a ${name}` : 'an object'
}

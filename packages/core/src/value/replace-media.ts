import { type DataType, isMediaType, type MediaKind } from './data-type.ts'
import { plainEntries, plainObject } from './plain-object.ts'

/** Whether values of a type hold media, at any depth. */
export function containsMedia(type: DataType): boolean {
  if (type.kind === 'array') return containsMedia(type.element)
  if (type.kind === 'record') return Object.values(type.fields).some((field) => containsMedia(field.type))
  return isMediaType(type)
}

/**
 * A value with its media replaced, at any depth: paths and bytes by references before it is stored, references by handles before a user
 * sees it. Nulls stay, and so does what is not shaped as its type says: `validateValue` complains about it. A value of a type without media is returned as it is.
 */
export function replaceMedia(type: DataType, value: unknown, replace: (media: unknown, kind: MediaKind) => unknown): unknown {
  if (value === null || value === undefined || !containsMedia(type)) return value
  if (isMediaType(type)) return replace(value, type.kind)
  if (type.kind === 'array') return Array.isArray(value) ? value.map((item: unknown) => replaceMedia(type.element, item, replace)) : value
  if (type.kind !== 'record') return value
  const entries = plainEntries(value)
  if (entries === undefined) return value
  return plainObject(
    entries.map(([name, item]) => {
      const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
      return [name, field === undefined ? item : replaceMedia(field.type, item, replace)]
    }),
  )
}

import { type DataType, isMediaType } from './data-type.ts'
import { encodeJson } from './encode-json.ts'

/** Whether values of a type have a text form; those of binary and vector have none, nor have arrays and records with such. */
export function hasTextForm(type: DataType): boolean {
  if (type.kind === 'array') return hasTextForm(type.element)
  if (type.kind === 'record') return Object.values(type.fields).every((field) => hasTextForm(field.type))
  return type.kind !== 'binary' && type.kind !== 'vector'
}

/** A value as text: what a template shows and a cast to text gives. Never of null. */
export function textForm(type: DataType, value: unknown): string {
  if (type.kind === 'timestamp') return (value as Date).toISOString()
  if (type.kind === 'json' || type.kind === 'record' || type.kind === 'array') return jsonText(encodeJson(type, value))
  return isMediaType(type) ? (value as string) : String(value)
}

/** JSON with its keys as jsonb keeps them, shorter first, then by bytes: so the text is the same before and after the value was stored. */
function jsonText(json: unknown): string {
  if (Array.isArray(json)) return `[${json.map(jsonText).join(',')}]`
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  const entries = Object.entries(json).map(([key, value]) => ({ key, bytes: Buffer.from(key), value: jsonText(value) }))
  entries.sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes))
  return `{${entries.map(({ key, value }) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

import type { DataType } from '@vivant/core'

const scalarTypes: Readonly<Record<string, DataType>> = {
  text: { kind: 'text' },
  varchar: { kind: 'text' },
  bpchar: { kind: 'text' },
  int2: { kind: 'int' },
  int4: { kind: 'int' },
  int8: { kind: 'int' },
  float4: { kind: 'float' },
  float8: { kind: 'float' },
  bool: { kind: 'boolean' },
  timestamptz: { kind: 'timestamp' },
  date: { kind: 'date' },
  uuid: { kind: 'uuid' },
  bytea: { kind: 'binary' },
  json: { kind: 'json' },
  jsonb: { kind: 'json' },
}

/** The types of PostgreSQL whose columns are followed; others are the user's alone. */
export const followedTypes: readonly string[] = Object.keys(scalarTypes).flatMap((name) => (name.startsWith('json') ? [name] : [name, `_${name}`]))

/** What Vivant takes a column of a PostgreSQL type for, by the name in pg_type; null when it does not know it. */
export function dataTypeOf(type: string): DataType | null {
  if (!followedTypes.includes(type)) return null
  return scalarTypes[type] ?? { kind: 'array', element: scalarTypes[type.slice(1)]! }
}

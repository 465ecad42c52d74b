import type { DataType } from './data-type.ts'

/** A type as a user would write it: `text`, `vector(384)`, `array(int)`, `enum('draft', 'live')`. */
export function describeType(type: DataType): string {
  switch (type.kind) {
    case 'enum':
      return `enum(${type.values.map((value) => `'${value}'`).join(', ')})`
    case 'array':
      return `array(${describeType(type.element)})`
    case 'vector':
      return `vector(${type.dimensions})`
    case 'record':
      return `record(${Object.entries(type.fields)
        .map(([name, field]) => `${name}: ${describeType(field.type)}`)
        .join(', ')})`
    default:
      return type.kind
  }
}

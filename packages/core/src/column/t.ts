import type { StandardSchemaV1 } from '@standard-schema/spec'
import { VivantError } from '../error/vivant-error.ts'
import { validateName } from '../schema/validate-name.ts'
import type { DataType } from '../value/data-type.ts'
import { describeValue } from '../value/describe-value.ts'
import { isReservedField } from '../expression/record-fields.ts'
import type { AnyColumn, RecordColumns } from './column.ts'
import { ColumnBuilderImpl } from './column-builder-impl.ts'
import { innerColumnSpec } from './column-spec.ts'
import type { ColumnTypes } from './column-types.ts'
import { columnRules } from './column-validation.ts'
import { schemaValidation } from './schema-validation.ts'

const maxDimensions = 16_000

/**
 * The column types.
 *
 * ```ts
 * table('products', { sku: t.text().unique(), price: t.float().min(0), photo: t.image().nullable() })
 * ```
 */
// The builder's class does the work; the interface alone knows the types.
export const t: ColumnTypes = Object.freeze({
  text: () => column({ kind: 'text' }),
  int: () => column({ kind: 'int' }),
  float: () => column({ kind: 'float' }),
  bigint: () => column({ kind: 'bigint' }),
  boolean: () => column({ kind: 'boolean' }),
  timestamp: () => column({ kind: 'timestamp' }),
  date: () => column({ kind: 'date' }),
  uuid: () => column({ kind: 'uuid' }),
  binary: () => column({ kind: 'binary' }),
  json: (schema?: StandardSchemaV1) => column({ kind: 'json' }, schema && schemaValidation(schema)),
  record,
  enum: enumeration,
  array,
  vector,
  image: () => column({ kind: 'image' }),
  video: () => column({ kind: 'video' }),
  audio: () => column({ kind: 'audio' }),
  document: () => column({ kind: 'document' }),
  file: () => column({ kind: 'file' }),
}) as unknown as ColumnTypes

function column(type: DataType, validate?: (value: unknown) => unknown): ColumnBuilderImpl {
  return new ColumnBuilderImpl({
    type: Object.freeze(type),
    nullable: false,
    unique: false,
    primaryKey: false,
    references: null,
    checks: [],
    min: null,
    max: null,
    description: null,
    ...(validate && { validate }),
  })
}

function record(fields: RecordColumns): ColumnBuilderImpl {
  const specs = Object.entries(fields).map(([name, field]) => [name, innerColumnSpec(field, `the field '${name}'`)] as const)
  for (const [name] of specs) {
    validateName(name, 'field')
    if (isReservedField(name)) throw new VivantError('NAME_INVALID', `a field cannot be called '${name}': expressions have a method of that name`)
  }
  const rules = specs.flatMap(([name, spec]) => {
    const rule = columnRules(spec)
    return rule === undefined ? [] : [[name, rule] as const]
  })
  const recordType: DataType = {
    kind: 'record',
    fields: Object.freeze(Object.fromEntries(specs.map(([name, { type, nullable }]) => [name, Object.freeze({ type, nullable })]))),
  }
  if (rules.length === 0) return column(recordType)
  return column(recordType, (value) => {
    const given = value as Readonly<Record<string, unknown>>
    return { ...given, ...Object.fromEntries(rules.map(([name, rule]) => [name, given[name] === null ? null : rule(given[name])])) }
  })
}

function enumeration(...values: readonly string[]): ColumnBuilderImpl {
  const wrong = values.find((value) => typeof value !== 'string')
  if (wrong !== undefined)
    throw new VivantError('TYPE_MISMATCH', `the values of an enum are texts, one after the other, t.enum('a', 'b'), not ${describeValue(wrong)}`)
  if (values.length === 0 || new Set(values).size !== values.length) throw new VivantError('TYPE_MISMATCH', 'an enum needs values, each once')
  return column({ kind: 'enum', values: Object.freeze([...values]) })
}

function array(element: AnyColumn): ColumnBuilderImpl {
  const spec = innerColumnSpec(element, 'the element of an array')
  if (spec.nullable) throw new VivantError('TYPE_MISMATCH', 'the elements of an array cannot be null')
  const rule = columnRules(spec)
  return column({ kind: 'array', element: spec.type }, rule && ((items) => (items as readonly unknown[]).map(rule)))
}

function vector(dimensions: number): ColumnBuilderImpl {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > maxDimensions) {
    throw new VivantError('TYPE_MISMATCH', `a vector has 1 to ${maxDimensions} dimensions, not ${dimensions}`)
  }
  return column({ kind: 'vector', dimensions })
}

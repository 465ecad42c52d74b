import { decodeJson, type DataType, type StoredColumnDefinition } from '@vivant/core'
import { compileToText } from '../expression/compile-to-text.ts'
import { encodeValue } from '../value/encode-value.ts'
import { pgType } from '../value/pg-type.ts'
import { quoteName, quoteText } from './quote.ts'

/** One column of `create table`: type, default, and the checks that every client must pass. */
export function storedColumnSql(column: StoredColumnDefinition, schemaName: string): string {
  const name = quoteName(column.name)
  return [
    name,
    pgType(column.type),
    column.nullable ? '' : 'not null',
    column.defaultValue === undefined ? '' : `default ${literalSql(column.type, decodeJson(column.type, column.defaultValue))}`,
    column.unique && !column.primaryKey ? 'unique' : '',
    column.references ? foreignKeySql(column.references, schemaName) : '',
    ...columnChecks(column, name).map((check) => `check (${check})`),
  ]
    .filter(Boolean)
    .join(' ')
}

/** A value as a constant in SQL. */
export function literalSql(type: DataType, value: unknown): string {
  const text = encodeValue(type, value)
  return text === null ? `null::${pgType(type)}` : `${quoteText(text)}::${pgType(type)}`
}

const onDelete = { noAction: '', cascade: ' on delete cascade', setNull: ' on delete set null' } as const

/** `references …` of a column or of `add foreign key`. */
export function foreignKeySql(references: NonNullable<StoredColumnDefinition['references']>, schemaName: string): string {
  return `references ${quoteName(schemaName, references.table)} (${quoteName(references.column)}) on update cascade${onDelete[references.onDelete]}`
}

/** What every value of a column meets, for `check (…)`. */
export function columnChecks(column: StoredColumnDefinition, name: string): readonly string[] {
  const measured = column.type.kind === 'text' ? `char_length(${name})` : name
  return [
    // what JavaScript could not read back
    ...(column.type.kind === 'int' ? [`${name} between -9007199254740991 and 9007199254740991`] : []),
    ...(column.type.kind === 'enum' ? [`${name} in (${column.type.values.map(quoteText).join(', ')})`] : []),
    ...(column.min === null ? [] : [`${measured} >= ${column.min}`]),
    ...(column.max === null ? [] : [`${measured} <= ${column.max}`]),
    ...(column.check ? [compileToText(column.check, { column: () => name, cell: () => name })] : []),
  ]
}

import { type DataType, describeType, isMediaType, type StoredColumnDefinition, type TableDefinition, VivantError } from '@vivant/core'
import { dataTypeOf } from '../catalog/followed-types.ts'
import { pgType } from '../value/pg-type.ts'
import { isKnown } from './plan-adoption.ts'
import type { Relation, RelationAttribute } from './read-relation.ts'

/** A column of an adopted table as the catalog has it; without a type it is opaque. */
export interface AdoptedColumn {
  readonly name: string
  readonly attnum: number
  readonly nullable: boolean
  readonly type: DataType | null
}

/** The columns of a table: of the types that the definition gives them, if there is one, else of their own. Throws TABLE_DIFFERS. */
export function fitColumns(relation: Relation, definition: TableDefinition | null): readonly AdoptedColumn[] {
  const differences = definition ? definitionDifferences(relation, definition) : []
  if (differences.length > 0)
    throw new VivantError('TABLE_DIFFERS', `the table '${relation.name}' is not as it is defined: ${differences.join('; ')}`, {
      details: { table: relation.name, differences },
    })
  return relation.attributes
    .filter(({ name }) => name !== '_id')
    .map((attribute) => {
      const { name, attnum, nullable } = attribute
      const defined = definition?.columns.find((column) => column.name === name)
      return { name, attnum, nullable, type: defined?.type ?? (isKnown(attribute) ? dataTypeOf(attribute.type) : null) }
    })
}

function definitionDifferences(relation: Relation, definition: TableDefinition): readonly string[] {
  return [
    ...definition.columns.flatMap((column) => columnDifferences(relation, column)),
    ...definition.constraints.unique.filter((columns) => !isUnique(relation, columns)).map((columns) => `(${columns.join(', ')}) is not unique there`),
    ...(definition.constraints.primaryKey && !isUnique(relation, definition.constraints.primaryKey)
      ? [`(${definition.constraints.primaryKey.join(', ')}) is not its primary key`]
      : []),
  ]
}

function columnDifferences(relation: Relation, column: StoredColumnDefinition): readonly string[] {
  const attribute = relation.attributes.find(({ name }) => name === column.name)
  if (!attribute) return [`'${column.name}' is defined and not there`]
  if (!holds(attribute, column.type)) return [`'${column.name}' is ${attribute.shownType}, which is not read as ${describeType(column.type)}`]
  return [
    ...(attribute.nullable && !column.nullable ? [`'${column.name}' may be null there: define it nullable()`] : []),
    ...((column.unique || column.primaryKey) && !isUnique(relation, [column.name]) ? [`'${column.name}' is not unique there`] : []),
    ...(column.defaultValue !== undefined && !attribute.filled ? [`'${column.name}' has no default there`] : []),
  ]
}

function isUnique({ attributes, unique }: Relation, columns: readonly string[]): boolean {
  const attnums = columns.map((column) => attributes.find(({ name }) => name === column)?.attnum ?? 0).toSorted((a, b) => a - b)
  return unique.some((group) => JSON.stringify(group.toSorted((a, b) => a - b)) === JSON.stringify(attnums))
}

/** Whether values of a PostgreSQL column are read as a type: its own, a wider one, or one that is kept in it. */
function holds(attribute: RelationAttribute, type: DataType): boolean {
  const own = dataTypeOf(attribute.type)
  if (type.kind === 'vector') return attribute.shownType === pgType(type)
  if (type.kind === 'bigint') return own?.kind === 'int' || /^numeric\(\d+,0\)$/u.test(attribute.shownType)
  if (own === null) return false
  if (pgType(type) === 'jsonb') return own.kind === 'json'
  if (type.kind === 'enum' || isMediaType(type)) return own.kind === 'text'
  if (type.kind === 'array' && own.kind === 'array') return holds({ ...attribute, type: attribute.type.slice(1) }, type.element)
  return own.kind === type.kind
}

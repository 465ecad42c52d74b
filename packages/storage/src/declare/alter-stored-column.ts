import { decodeJson, stableJson, type StoredColumnDefinition, VivantError } from '@vivant/core'
import { mediaColumnName } from '../catalog/media-column-name.ts'
import type { ModelColumn, TableModel } from '../catalog/table-model.ts'
import { updateDefinition } from '../catalog/update-definition.ts'
import { readDefinition } from '../catalog/read-definition.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { type StorableColumn, storableColumn } from '../ddl/definition-json.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { columnChecks, foreignKeySql, literalSql } from '../ddl/stored-column.ts'
import { pgType } from '../value/pg-type.ts'
import { changeTable, dropLiveView } from './change-table.ts'
import { columnToChange } from './column-to-change.ts'
import { refuseReadByViews, shownReader } from './refuse-read-by-views.ts'
import { readersOf } from './readers-of.ts'

/**
 * Gives a column that users write another type or other rules. PostgreSQL converts the values, through their text where it knows no other
 * way. Throws COLUMN_NEEDED when its type changes and a computed column reads it, VALUE_INVALID and CONSTRAINT_VIOLATED.
 */
export async function alterStoredColumn(database: Database, tableId: number, column: StoredColumnDefinition, timeoutMs: number): Promise<void> {
  await changeTable(database, tableId, { what: `Altering ${column.name}`, timeoutMs }, async (tx, model) => {
    const standing = columnToChange(model, column.name)
    if (standing.kind !== 'stored')
      throw new VivantError('NOT_WRITABLE', `"${column.name}" is computed: use replaceComputedColumn.`, { details: { table: model.name, column: column.name } })
    const was = (await readDefinition(tx, tableId))?.columns.find((candidate) => candidate.name === column.name)
    const isOtherType = stableJson(standing.type) !== stableJson(column.type)
    if (isOtherType) {
      refuseRead(model, standing)
      refuseReadByViews(model, standing.name)
      await dropLiveView(tx, model)
    }
    try {
      for (const action of actions(model, was, column, isOtherType, await constraintsOf(tx, model, standing.attnum)))
        await tx.query(`alter table ${quoteName(model.schemaName, model.name)} ${action}`)
    } catch (error) {
      throw translate(model, column.name, error)
    }
    await tx.query(
      `comment on column ${quoteName(model.schemaName, model.name, column.name)} is ${column.description ? quoteText(column.description) : 'null'}`,
    )
    await tx.query({
      text: 'update vivant."column" set type = $2, nullable = $3 where id = $1',
      values: [standing.id, JSON.stringify(column.type), column.nullable],
    })
    await updateDefinition(tx, tableId, (definition) => ({
      ...definition,
      columns: definition.columns.map((candidate) => (candidate.name === column.name ? storableColumn(column) : candidate)),
    }))
  })
}

/** Expressions carry the types of what they read. */
function refuseRead(model: TableModel, { name }: ModelColumn): void {
  const readers = readersOf(model, name).map((reader) =>
    reader.name === mediaColumnName(name) ? 'its media' : reader.kind === 'expansion' ? shownReader(model.name, reader) : reader.name,
  )
  if (readers.length === 0) return
  throw new VivantError(
    'COLUMN_NEEDED',
    `The type of "${model.name}.${name}" cannot change, because it is read: ${readers.map((reader) => `${reader} → ${name}`).join(', ')}.`,
    {
      details: { table: model.name, column: name, readers },
    },
  )
}

interface Constraint {
  readonly name: string
  readonly kind: 'c' | 'u' | 'f'
}

/** The constraints on this column alone: those that a declaration makes. */
async function constraintsOf(tx: SqlTransaction, model: TableModel, attnum: number): Promise<readonly Constraint[]> {
  const { rows } = await tx.query<Constraint>({
    text: `select conname as name, contype as kind from pg_constraint
where conrelid = $1::regclass and contype in ('c', 'u', 'f') and conkey = array[$2::smallint] order by conname`,
    values: [quoteName(model.schemaName, model.name), attnum],
  })
  return rows
}

function actions(
  model: TableModel,
  was: StorableColumn | undefined,
  column: StoredColumnDefinition,
  isOtherType: boolean,
  constraints: readonly Constraint[],
): readonly string[] {
  const name = quoteName(column.name)
  const type = pgType(column.type)
  const differs = (part: (candidate: StorableColumn) => unknown): boolean => was === undefined || stableJson(part(was)) !== stableJson(part(column))
  const drop = (kind: Constraint['kind']): readonly string[] =>
    constraints.filter((constraint) => constraint.kind === kind).map((constraint) => `drop constraint ${quoteName(constraint.name)}`)
  const newChecks = isOtherType || differs(({ min, max, check }) => [min, max, check])
  const newKey = isOtherType || differs(({ references }) => references)
  const newUnique = differs(({ unique }) => unique)
  return [
    ...(newChecks ? drop('c') : []),
    ...(newKey ? drop('f') : []),
    ...(newUnique ? drop('u') : []),
    ...(isOtherType ? [`alter column ${name} drop default`, `alter column ${name} type ${type} using ${name}::text::${type}`] : []),
    `alter column ${name} ${column.defaultValue === undefined ? 'drop default' : `set default ${literalSql(column.type, decodeJson(column.type, column.defaultValue))}`}`,
    `alter column ${name} ${column.nullable ? 'drop' : 'set'} not null`,
    ...(newChecks ? columnChecks(column, name).map((check) => `add check (${check})`) : []),
    ...(newUnique && column.unique && !column.primaryKey ? [`add unique (${name})`] : []),
    ...(newKey && column.references ? [`add foreign key (${name}) ${foreignKeySql(column.references, model.schemaName)}`] : []),
  ]
}

function translate(model: TableModel, column: string, error: unknown): unknown {
  const { code = '', message } = error as { readonly code?: string; readonly message: string }
  const details = { table: model.name, column }
  if (code.startsWith('22'))
    return new VivantError('VALUE_INVALID', `A value of "${model.name}.${column}" cannot be converted: ${message}`, { cause: error, details })
  if (code.startsWith('23'))
    return new VivantError('CONSTRAINT_VIOLATED', `Rows of "${model.name}" break the new rules of "${column}": ${message}`, { cause: error, details })
  return error
}

import { type StoredColumnDefinition, type TableDefinition, VivantError } from '@vivant/core'
import { armTable, replaceCaptureFunctions } from '../capture/arm-table.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { revisionTable, type TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { storableDefinition } from './definition-json.ts'
import { replaceLiveView } from './live-view.ts'
import { protectData } from './protect-data.ts'
import { quoteName, quoteText } from './quote.ts'
import { storedColumnSql } from './stored-column.ts'

/**
 * Makes the user's table, an ordinary one, with what capture needs: revisions, triggers, the live view, the catalog's
 * rows. One transaction; nobody can write to the table before it is armed.
 */
export async function createTable(database: Database, schemaName: string, definition: TableDefinition): Promise<TableModel> {
  return database.transaction((tx) => makeTable(tx, schemaName, definition))
}

/** What the table of a view has beside its definition. */
export interface ViewParts {
  readonly expansionId: number
  /** In the catalog as well, before the definition's. */
  readonly columns: readonly Pick<StoredColumnDefinition, 'name' | 'type' | 'nullable'>[]
  readonly sql: readonly string[]
}

export async function makeTable(tx: SqlTransaction, schemaName: string, definition: TableDefinition, view?: ViewParts): Promise<TableModel> {
  await tx.query('select pg_advisory_xact_lock(7663, 2)')
  const name = quoteName(schemaName, definition.name)
  const taken = await tx.query<{ found: boolean }>({ text: 'select to_regclass($1) is not null as found', values: [name] })
  if (taken.rows[0]!.found)
    throw new VivantError('TABLE_EXISTS', `There is a table ${name} that Vivant did not make: adopt it with db.adopt(), or choose another name.`, {
      details: { table: definition.name },
    })
  const idColumn = integerKey(definition) ?? '_id'
  await tx.query(`create table ${name} (${[...(view?.sql ?? []), ...tableParts(definition, schemaName, idColumn)].join(', ')})`)
  for (const columns of definition.constraints.indexes) await tx.query(`create index on ${name} (${columns.map((column) => quoteName(column)).join(', ')})`)
  if (definition.description) await tx.query(`comment on table ${name} is ${quoteText(definition.description)}`)
  for (const column of definition.columns)
    if (column.description) await tx.query(`comment on column ${name}.${quoteName(column.name)} is ${quoteText(column.description)}`)
  const id = await insertCatalogRows(tx, schemaName, definition, idColumn, view)
  await createRevisionTable(tx, id, name)
  const model = (await readTable(tx, id))!
  await replaceCaptureFunctions(tx, model)
  await armTable(tx, model)
  await replaceLiveView(tx, model)
  return model
}

/** A single integer primary key is the row's id. */
function integerKey(definition: TableDefinition): string | null {
  const keys = definition.columns.filter((column) => column.primaryKey)
  return !definition.constraints.primaryKey && keys.length === 1 && keys[0]!.type.kind === 'int' ? keys[0]!.name : null
}

function tableParts(definition: TableDefinition, schemaName: string, idColumn: string): readonly string[] {
  const list = (columns: readonly string[]): string => columns.map((column) => quoteName(column)).join(', ')
  const ownKeys = definition.columns.filter((column) => column.primaryKey).map((column) => column.name)
  const primaryKey = definition.constraints.primaryKey ?? (ownKeys.length ? ownKeys : null)
  return [
    ...(idColumn === '_id' ? [`_id bigint generated always as identity ${primaryKey ? 'unique' : 'primary key'}`] : []),
    ...definition.columns.map((column) => storedColumnSql(column, schemaName)),
    ...(primaryKey ? [`primary key (${list(primaryKey)})`] : []),
    ...definition.constraints.unique.map((columns) => `unique (${list(columns)})`),
  ]
}

async function insertCatalogRows(tx: SqlTransaction, schemaName: string, definition: TableDefinition, idColumn: string, view?: ViewParts): Promise<number> {
  const { rows } = await tx.query<{ id: number }>({
    text: `insert into vivant."table" (schema_name, name, relation, id_column, id_attnum, definition, expansion_id)
select $1, $2, a.attrelid, a.attname, a.attnum, $5::jsonb, $6::int from pg_attribute a where a.attrelid = $3::regclass and a.attname = $4
returning id`,
    values: [
      schemaName,
      definition.name,
      quoteName(schemaName, definition.name),
      idColumn,
      JSON.stringify(storableDefinition(definition)),
      view?.expansionId ?? null,
    ],
  })
  const id = rows[0]!.id
  await tx.query({
    text: `insert into vivant."column" (table_id, name, kind, attnum, type, nullable, position)
select $1, c.name, 'stored', a.attnum, c.type, c.nullable, c.position
from jsonb_to_recordset($3::jsonb) c(name text, type jsonb, nullable boolean, position int)
join pg_attribute a on a.attrelid = $2::regclass and a.attname = c.name`,
    values: [
      id,
      quoteName(schemaName, definition.name),
      JSON.stringify(
        [...(view?.columns ?? []), ...definition.columns].map((column, index) => ({
          name: column.name,
          type: column.type,
          nullable: column.nullable,
          position: index + 1,
        })),
      ),
    ],
  })
  return id
}

/** Sparse: a row only where an input was ever updated, or the row deleted. It never changes when a column becomes an input. */
export async function createRevisionTable(tx: SqlTransaction, tableId: number, name: string): Promise<void> {
  const table = `vivant_data.${revisionTable(tableId)}`
  await tx.query(`create table ${table} (_id bigint, attnum smallint, rev bigint not null, primary key (_id, attnum))`)
  await protectData(tx, table, `Input revisions of ${name}`)
}

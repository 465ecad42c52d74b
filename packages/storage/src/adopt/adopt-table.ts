import { type TableDefinition, VivantError } from '@vivant/core'
import { armTable, replaceCaptureFunctions } from '../capture/arm-table.ts'
import { readTable } from '../catalog/read-catalog.ts'
import type { TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { lockTimeoutMs, retryOnLock } from '../declare/retry-on-lock.ts'
import { createRevisionTable } from '../ddl/create-table.ts'
import { type StorableDefinition, storableDefinition } from '../ddl/definition-json.ts'
import { replaceLiveView } from '../ddl/live-view.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { fillIdentity, finishIdentity, identityComment, identityNames } from './fill-identity.ts'
import { fitColumns } from './fit-columns.ts'
import { type AdoptionOptions, type IdentityPath, planAdoption } from './plan-adoption.ts'
import { readRelation, type Relation } from './read-relation.ts'

export interface AdoptionRequest extends AdoptionOptions {
  readonly schemaName: string
  readonly name: string
  /** What the program takes it for; null: as it is. */
  readonly definition: TableDefinition | null
  readonly timeoutMs: number
}

/**
 * Makes a table that stands reactive: identity, revisions, triggers, the live view, the catalog's rows. One transaction, short unless the table is
 * written anew; it gives way to others and tries again. Throws CONFIGURATION_INVALID for what cannot be adopted, TABLE_DIFFERS.
 */
export async function adoptTable(database: Database, request: AdoptionRequest): Promise<TableModel> {
  const { schemaName, name, definition, timeoutMs } = request
  const relation = await readRelation(database, schemaName, name)
  const plan = planAdoption(relation, database.profile, request)
  if (plan.refused.length > 0)
    throw new VivantError('CONFIGURATION_INVALID', `The table "${name}" cannot be adopted: ${plan.refused.join('; ')}.`, {
      details: { table: name, refused: plan.refused },
    })
  fitColumns(relation, definition)
  const { path } = plan.key
  if (path === 'online') await fillIdentity(database, relation, timeoutMs)
  return retryOnLock(`Adopting ${name}`, timeoutMs, () => database.transaction((tx) => adopt(tx, request, path), { lockTimeoutMs }))
}

async function adopt(tx: SqlTransaction, { schemaName, name, definition }: AdoptionRequest, path: IdentityPath): Promise<TableModel> {
  await tx.query('select pg_advisory_xact_lock(7663, 2)')
  const standing = await readTable(tx, { schemaName, name })
  // another process was faster
  if (standing) return standing
  const before = await readRelation(tx, schemaName, name)
  for (const statement of await identityStatements(tx, before, path)) await tx.query(statement)
  // and nobody changes its columns any more
  const relation = path === 'key' ? before : await readRelation(tx, schemaName, name)
  const id = await insertCatalogRows(tx, relation, definition, path)
  await createRevisionTable(tx, id, quoteName(schemaName, name))
  const model = (await readTable(tx, id))!
  await replaceCaptureFunctions(tx, model)
  await armTable(tx, model)
  await replaceLiveView(tx, model)
  return model
}

async function identityStatements(tx: SqlTransaction, relation: Relation, path: IdentityPath): Promise<readonly string[]> {
  const table = quoteName(relation.schemaName, relation.name)
  const { sequence } = identityNames(relation)
  const comment = `comment on column ${table}._id is ${quoteText(identityComment)}`
  if (path === 'key') return []
  if (path === 'online') {
    await tx.query(`lock table ${table} in access exclusive mode`)
    const { rows } = await tx.query<{ next: number }>(`select nextval(${quoteText(quoteName(relation.schemaName, sequence))}) as next`)
    return finishIdentity(relation, rows[0]!.next)
  }
  if (relation.kind === 'r') return [`alter table ${table} add column _id bigint generated always as identity unique`, comment]
  // identities of partitioned tables came with PostgreSQL 17, and a unique index would need the partition key
  const sequenceName = quoteName(relation.schemaName, sequence)
  return [
    `create sequence ${sequenceName}`,
    `alter table ${table} add column _id bigint not null default nextval(${quoteText(sequenceName)})`,
    `alter sequence ${sequenceName} owned by ${table}._id`,
    `create index on ${table} (_id)`,
    comment,
  ]
}

async function insertCatalogRows(tx: SqlTransaction, relation: Relation, definition: TableDefinition | null, path: IdentityPath): Promise<number> {
  const columns = fitColumns(relation, definition)
  const idColumn = relation.attributes.find(({ attnum, name }) => (path === 'key' ? attnum === relation.primaryKey?.[0] : name === '_id'))!
  const stored: StorableDefinition = {
    ...(definition ? storableDefinition(definition) : { columns: [], constraints: { primaryKey: null, unique: [], indexes: [] }, description: null }),
    adopted: { addedId: path !== 'key', filled: relation.attributes.filter(({ filled }) => filled).map(({ name }) => name) },
  }
  const { rows } = await tx.query<{ id: number }>({
    text: `insert into vivant."table" (schema_name, name, relation, id_column, id_attnum, definition) values ($1, $2, $3::bigint::oid, $4, $5, $6::jsonb) returning id`,
    values: [relation.schemaName, relation.name, relation.oid, idColumn.name, idColumn.attnum, JSON.stringify(stored)],
  })
  const id = rows[0]!.id
  const entries = columns.map(({ name, attnum, type, nullable }, index) => ({
    name,
    attnum,
    kind: type ? 'stored' : 'opaque',
    type: type ?? { kind: 'json' },
    nullable,
    position: index + 1,
  }))
  await tx.query({
    text: `insert into vivant."column" (table_id, name, kind, attnum, type, nullable, position)
select $1, c.name, c.kind, c.attnum, c.type, c.nullable, c.position
from jsonb_to_recordset($2::jsonb) c(name text, kind text, attnum smallint, type jsonb, nullable boolean, position int)`,
    values: [id, JSON.stringify(entries)],
  })
  return id
}

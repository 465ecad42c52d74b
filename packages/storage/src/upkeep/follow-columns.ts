import { type DataType, VivantError } from '@vivant/core'
import { renameInCatalog } from '../catalog/rename-in-catalog.ts'
import { dataTypeOf } from '../catalog/followed-types.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { revisionTable, type CellColumn, type OpaqueColumn, type StoredColumn, type TableModel, type VirtualColumn } from '../catalog/table-model.ts'
import { updateDefinition } from '../catalog/update-definition.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { dropFromCatalog } from '../declare/drop-column.ts'
import { insertBackfills } from '../declare/publication.ts'
import { readersOf } from '../declare/readers-of.ts'

interface Attribute {
  readonly name: string
  readonly attnum: number
  readonly type: string
  readonly nullable: boolean
}

/** Columns that a user added, renamed or dropped by SQL. */
export async function followColumns(tx: SqlTransaction, model: TableModel, relation: number): Promise<void> {
  const attributes = await readAttributes(tx, relation)
  // after a restore columns have kept their names, else their numbers
  if (relation !== model.relation) await renumber(tx, model, attributes, relation)
  const { stored, opaque, idAttnum } = (await readTable(tx, model.id))!
  const placed = [...stored, ...opaque]
  const known = new Map(attributes.map((attribute) => [attribute.attnum, attribute]))
  for (const column of placed) {
    if (!known.has(column.attnum)) await dropWithReaders(tx, model.id, column)
  }
  const renames = placed.flatMap((column): readonly Rename[] => {
    const now = known.get(column.attnum)
    return now && now.name !== column.name ? [{ columnId: column.id, attnum: column.attnum, oldName: column.name, newName: now.name }] : []
  })
  await followNames(tx, model, renames)
  const names = new Set(attributes.map((attribute) => attribute.name))
  await distrust(
    tx,
    model,
    renames.flatMap(({ attnum, oldName }) => (names.has(oldName) ? [attnum] : [])),
  )
  const key = known.get(idAttnum)
  if (key) await tx.query({ text: 'update vivant."table" set id_column = $2 where id = $1', values: [model.id, key.name] })
  const after = (await readTable(tx, model.id))!
  const taken = new Set([...after.stored, ...after.opaque, ...after.cells, ...after.virtual].map((column) => column.name))
  for (const attribute of attributes) {
    const type = dataTypeOf(attribute.type)
    const isKept = attribute.attnum === idAttnum || /^_|\$/u.test(attribute.name) || taken.has(attribute.name)
    if (type && !isKept) await insertColumn(tx, model.id, attribute, type)
  }
}

interface Rename {
  readonly columnId: number
  readonly attnum: number
  readonly oldName: string
  readonly newName: string
}

/** Names may have been exchanged: those that are in each other's way go aside first. */
async function followNames(tx: SqlTransaction, { id, name, schemaName }: TableModel, renames: readonly Rename[]): Promise<void> {
  if (renames.length === 0) return
  const { cells, virtual } = (await readTable(tx, id))!
  const taken = renames.find(({ newName }) => [...cells, ...virtual].some((column) => column.name === newName))
  if (taken)
    throw new VivantError(
      'COLUMN_EXISTS',
      `"${name}.${taken.oldName}" was renamed to "${taken.newName}" by SQL, which a computed column is called: rename one of the two.`,
      {
        details: { table: name, column: taken.newName },
      },
    )
  const isInTheWay = ({ newName }: Rename): boolean => renames.some(({ oldName }) => oldName === newName)
  const aside = (rename: Rename): Rename => (isInTheWay(rename) ? { ...rename, newName: `${rename.columnId}$aside` } : rename)
  const table = { tableId: id, tableName: name, schemaName }
  for (const rename of renames) if (isInTheWay(rename)) await renameInCatalog(tx, { ...table, ...aside(rename) })
  for (const rename of renames) await renameInCatalog(tx, { ...table, ...rename, oldName: isInTheWay(rename) ? aside(rename).newName : rename.oldName })
}

/** A worker that had not followed yet read another column under the old name: what it computed is computed again. */
async function distrust(tx: SqlTransaction, model: TableModel, attnums: readonly number[]): Promise<void> {
  const readers = model.cells.filter((cell) => cell.storedInputs.some((attnum) => attnums.includes(attnum))).map((cell) => cell.id)
  if (readers.length === 0) return
  await tx.query({ text: 'update vivant."column" set version = version + 1 where id = any($1::int[])', values: [readers] })
  await insertBackfills(tx, readers)
}

async function readAttributes(tx: SqlTransaction, relation: number): Promise<readonly Attribute[]> {
  const { rows } = await tx.query<Attribute>({
    text: `select a.attname as name, a.attnum, y.typname as type, not a.attnotnull as nullable
from pg_attribute a join pg_type y on y.oid = a.atttypid where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    values: [relation],
  })
  return rows
}

/** Columns have kept their names under other numbers: a dump leaves out the gaps that dropped columns made. */
async function renumber(tx: SqlTransaction, model: TableModel, attributes: readonly Attribute[], relation: number): Promise<void> {
  const numbers = new Map(attributes.map((attribute) => [attribute.name, attribute.attnum]))
  const placed = [...model.stored, ...model.opaque]
  const moved = placed.flatMap(({ id, name, attnum }): readonly Move[] => {
    const now = numbers.get(name) ?? attnum
    return now === attnum ? [] : [{ id, was: attnum, now }]
  })
  const idAttnum = numbers.get(model.idColumn)
  if (idAttnum !== undefined) await tx.query({ text: 'update vivant."table" set id_attnum = $2 where id = $1', values: [model.id, idAttnum] })
  if (moved.length === 0) return
  // a column that was dropped before the dump, and whose number is another's now, has none
  const lost = placed.filter(({ name, attnum }) => !numbers.has(name) && moved.some(({ now }) => now === attnum))
  await tx.query({
    text: 'update vivant."column" c set attnum = m.attnum from unnest($1::int[], $2::int[]) m(id, attnum) where c.id = m.id',
    values: [[...moved, ...lost].map(({ id }) => id), [...moved.map(({ now }) => now), ...lost.map(() => 0)]],
  })
  if (await isCaptured(tx, model, relation)) return moveRevisions(tx, model, moved, lost)
  // what was written to a table that only has this one's name is not known: nothing that was computed can be told to be current
  await tx.query({ text: 'update vivant."column" set version = version + 1 where table_id = $1 and cell_table is not null', values: [model.id] })
  await insertBackfills(
    tx,
    model.cells.map((cell) => cell.id),
  )
}

interface Move {
  readonly id: number
  readonly was: number
  readonly now: number
}

/** Whether this table's own triggers are on the relation: then every write has its revision, under the column's old number. */
async function isCaptured(tx: SqlTransaction, { id }: TableModel, relation: number): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: `select from pg_trigger where tgrelid = $1 and tgname = 'vivant_capture_update' and tgenabled <> 'D' and tgfoid = to_regproc('vivant_data.capture_update_' || $2::int)`,
    values: [relation, id],
  })
  return rowCount > 0
}

/** Revisions are kept by number, and each cell's token is their sum: they go with their column, so that its cells stay current. */
async function moveRevisions(tx: SqlTransaction, model: TableModel, moved: readonly Move[], lost: readonly (StoredColumn | OpaqueColumn)[]): Promise<void> {
  const revisions = `vivant_data.${revisionTable(model.id)}`
  const columns = model.stored.filter((column) => !lost.includes(column)).map(({ attnum }) => attnum)
  await tx.query({ text: `delete from ${revisions} where attnum <> 0 and attnum <> all($1::smallint[])`, values: [columns] })
  // aside first, as one's new number may be another's old one
  await tx.query({
    text: `update ${revisions} r set attnum = -m.now from unnest($1::smallint[], $2::smallint[]) m(was, now) where r.attnum = m.was`,
    values: [moved.map(({ was }) => was), moved.map(({ now }) => now)],
  })
  await tx.query(`update ${revisions} set attnum = -attnum where attnum < 0`)
}

/** `drop column … cascade` took the live view along; what was computed from the column has lost its input. */
async function dropWithReaders(tx: SqlTransaction, tableId: number, column: StoredColumn | OpaqueColumn): Promise<void> {
  const model = (await readTable(tx, tableId))!
  const readers = new Set<CellColumn | VirtualColumn>()
  const visit = (name: string): void => {
    for (const reader of readersOf(model, name))
      if (!readers.has(reader)) {
        readers.add(reader)
        visit(reader.name)
      }
  }
  visit(column.name)
  await dropFromCatalog(tx, model, [column, ...readers])
  await updateDefinition(tx, tableId, (definition) => ({ ...definition, columns: definition.columns.filter((candidate) => candidate.name !== column.name) }))
}

async function insertColumn(tx: SqlTransaction, tableId: number, { name, attnum, nullable }: Attribute, type: DataType): Promise<void> {
  await tx.query({
    text: `insert into vivant."column" (table_id, name, kind, attnum, type, nullable, position)
values ($1, $2, 'stored', $3, $4, $5, (select coalesce(max(position), 0) + 1 from vivant."column" where table_id = $1))`,
    values: [tableId, name, attnum, JSON.stringify(type), nullable],
  })
}

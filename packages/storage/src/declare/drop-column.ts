import { VivantError } from '@vivant/core'
import { mediaColumnName } from '../catalog/media-column-name.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { type CellColumn, findColumn, type ModelColumn, type OpaqueColumn, type TableModel } from '../catalog/table-model.ts'
import { updateDefinition } from '../catalog/update-definition.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { cellTablesOf } from '../groups/position.ts'
import { quoteName } from '../ddl/quote.ts'
import { dropCells, dropCellsLater } from '../upkeep/drop-cells.ts'
import { changeTable, dropLiveView } from './change-table.ts'
import { columnToChange } from './column-to-change.ts'
import { refuseReadByViews, shownReader } from './refuse-read-by-views.ts'
import { readersOf } from './readers-of.ts'

/** Drops a column with its embedding indexes. Throws COLUMN_NOT_FOUND, and COLUMN_NEEDED with the paths of what reads it. */
export async function dropColumn(database: Database, tableId: number, name: string, timeoutMs: number): Promise<void> {
  await changeTable(database, tableId, { what: `Dropping ${name}`, timeoutMs }, async (tx, model) => {
    const column = columnToChange(model, name)
    refuseNeeded(model, column)
    refuseReadByViews(model, name)
    const hidden = model.cells.filter((cell) => cell.name === mediaColumnName(name) || (cell.kind === 'embedding' && readersOf(model, name).includes(cell)))
    await dropFromCatalog(tx, model, [column, ...hidden])
    if (column.kind !== 'stored') return
    await dropLiveView(tx, model)
    await tx.query(`alter table ${quoteName(model.schemaName, model.name)} drop column ${quoteName(name)}`)
    await updateDefinition(tx, tableId, (definition) => {
      const keep = (columns: readonly string[]): boolean => !columns.includes(name)
      const { primaryKey, unique, indexes } = definition.constraints
      return {
        ...definition,
        columns: definition.columns.filter((candidate) => candidate.name !== name),
        constraints: { primaryKey: primaryKey && keep(primaryKey) ? primaryKey : null, unique: unique.filter(keep), indexes: indexes.filter(keep) },
      }
    })
  })
  await dropCells(database)
}

/** Drops an embedding index, given by its hidden column. */
export async function dropHiddenColumn(database: Database, tableId: number, name: string, timeoutMs: number): Promise<void> {
  await changeTable(database, tableId, { what: `Dropping ${name}`, timeoutMs }, async (tx, model) => {
    const column = findColumn(model, name)
    if (!column) throw new VivantError('COLUMN_NOT_FOUND', `"${model.name}" has no "${name}".`, { details: { table: model.name, column: name } })
    await dropFromCatalog(tx, model, [column])
  })
  await dropCells(database)
}

function refuseNeeded(model: TableModel, column: ModelColumn): void {
  if (column.kind === 'stored' && column.attnum === model.idAttnum)
    throw new VivantError('COLUMN_NEEDED', `"${column.name}" is the identity of the rows of "${model.name}": it cannot be dropped.`, {
      details: { table: model.name, column: column.name },
    })
  const paths = pathsTo(model, column.name)
  if (paths.length === 0) return
  throw new VivantError(
    'COLUMN_NEEDED',
    `"${model.name}.${column.name}" is needed: ${paths.map((path) => path.join(' → ')).join(', ')}. Drop or replace what reads it first.`,
    {
      details: { table: model.name, column: column.name, paths },
    },
  )
}

/** From each column that nothing else reads, the way down to this one. */
function pathsTo(model: TableModel, name: string, below: readonly string[] = [name]): readonly (readonly string[])[] {
  const readers = readersOf(model, name).filter((reader) => reader.kind !== 'media' && reader.kind !== 'embedding')
  if (readers.length === 0) return below.length > 1 ? [below] : []
  return readers.flatMap((reader) => pathsTo(model, reader.name, [reader.kind === 'expansion' ? shownReader(model.name, reader) : reader.name, ...below]))
}

/** Also what resolves media that nobody reads by content any more. */
export async function dropFromCatalog(tx: SqlTransaction, model: TableModel, columns: readonly (ModelColumn | OpaqueColumn)[]): Promise<void> {
  await tx.query({ text: 'delete from vivant."column" where id = any($1::int[])', values: [columns.map((column) => column.id)] })
  const after = (await readTable(tx, model.id))!
  const orphans = after.cells.filter(
    (cell) => cell.kind === 'media' && ![...after.cells, ...after.virtual].some((reader) => reader.cellInputs.includes(cell.id)),
  )
  await tx.query({ text: 'delete from vivant."column" where id = any($1::int[])', values: [orphans.map((column) => column.id)] })
  // tasks for these columns alone: no worker could run them, and they would wait for ever
  await tx.query({
    text: 'delete from vivant.task where table_id = $1 and columns <@ $2::int[]',
    values: [model.id, [...columns, ...orphans].map((column) => column.id)],
  })
  const cells = [...columns, ...orphans].filter(
    (column): column is CellColumn => column.kind !== 'stored' && column.kind !== 'opaque' && column.kind !== 'virtual',
  )
  await dropCellsLater(tx, model.id, cells.flatMap(cellTablesOf))
}

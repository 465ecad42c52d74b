import { stableJson, VivantError } from '@vivant/core'
import { widenCapture } from '../capture/arm-table.ts'
import { cellTableName, type CellColumn, type ModelColumn, type TableModel, type VirtualColumn } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { createCells } from '../groups/create-cells.ts'
import { sameGroups } from '../groups/history-plan.ts'
import { cellTablesOf } from '../groups/position.ts'
import type { ColumnDeclaration } from './column-declaration.ts'
import { lockTable } from './lock-table.ts'
import { pendingCells } from './pending-cells.ts'
import { openPublication, type ColumnReplacement } from './publication.ts'
import { readersOf } from './readers-of.ts'
import { refuseCycles } from './refuse-cycles.ts'
import { refusePending } from './refuse-pending.ts'
import { refuseReadByViews } from './refuse-read-by-views.ts'
import { lockTimeoutMs, retryOnLock } from './retry-on-lock.ts'

interface ColumnChange {
  readonly columnId: number
  readonly declaration: ColumnDeclaration
}

/**
 * The new form of computed columns: published as new versions, while the old values are served as stale. Who reads a column that is
 * virtual, or becomes so, has the column's inputs for its own: it gets a new version as well. Throws COLUMN_NEEDED when a type changes
 * that others build on, and CYCLE.
 */
export async function replaceColumns(database: Database, tableId: number, changes: readonly ColumnChange[], timeoutMs: number): Promise<number> {
  return retryOnLock(`Replacing ${changes.map(({ declaration }) => declaration.name).join(', ')}`, timeoutMs, () =>
    database.transaction(
      async (tx) => {
        const model = await lockTable(tx, tableId)
        const all = [...changes, ...inliningReaders(model, changes)]
        await refusePending(
          tx,
          model,
          all.map(({ columnId }) => columnId),
        )
        const replaced: ColumnReplacement[] = []
        for (const change of all) replaced.push(await replacement(tx, model, change, all))
        refuseCycles(model, pendingCells(model, replaced))
        const operation = await openPublication(tx, tableId, { added: [], replaced })
        await widenCapture(tx, model)
        return operation
      },
      { lockTimeoutMs },
    ),
  )
}

async function replacement(
  tx: SqlTransaction,
  model: TableModel,
  { columnId, declaration }: ColumnChange,
  all: readonly ColumnChange[],
): Promise<ColumnReplacement> {
  const current = derivedById(model, columnId)
  const isSameType = stableJson(current.type) === stableJson(declaration.type)
  if (!isSameType) refuseNeededType(model, current, all)
  // other tables have inlined what is virtual, also through others that are
  if (!isSameType || current.kind === 'virtual' || declaration.kind === 'virtual')
    for (const name of [current.name, ...inlinedIn(model, current.name)]) refuseReadByViews(model, name)
  const standing = current.kind === 'virtual' ? null : current.cellTable
  const isKept = standing !== null && declaration.kind !== 'virtual' && isSameType && sameGroups(current.declared, declaration.expression)
  const cellTable =
    isKept || declaration.kind === 'virtual'
      ? null
      : cellTableName(columnId, standing === null ? await freeGeneration(tx, columnId) : generationOf(standing) + 1)
  if (cellTable) await createCells(tx, cellTable, declaration, model.name)
  return { columnId, declaration, cellTable, oldCellTables: isKept || current.kind === 'virtual' ? [] : cellTablesOf(current) }
}

/** The virtual columns of the table that have a column inlined. */
function inlinedIn(model: TableModel, name: string): readonly string[] {
  const readers = readersOf(model, name).flatMap((reader) => (reader.kind === 'virtual' ? [reader.name] : []))
  return [...readers, ...readers.flatMap((reader) => inlinedIn(model, reader))]
}

/** Expressions carry the types of what they read. */
function refuseNeededType(model: TableModel, column: ModelColumn, changes: readonly ColumnChange[]): void {
  const readers = readersOf(model, column.name).filter((reader) => !changes.some(({ columnId }) => columnId === reader.id))
  if (readers.length === 0) return
  throw new VivantError(
    'COLUMN_NEEDED',
    `The type of "${model.name}.${column.name}" cannot change, because it is read: ${readers.map((reader) => `${reader.name} → ${column.name}`).join(', ')}.`,
    {
      details: { table: model.name, column: column.name, readers: readers.map((reader) => reader.name) },
    },
  )
}

/** The cell columns that have one of the changed columns inlined, or will have. */
function inliningReaders(model: TableModel, changes: readonly ColumnChange[]): readonly ColumnChange[] {
  const inlined = changes.flatMap(({ columnId, declaration }) => {
    const current = derivedById(model, columnId)
    return current.kind === 'virtual' || declaration.kind === 'virtual' ? [current.name] : []
  })
  const found = new Set<CellColumn>()
  for (let at = 0; at < inlined.length; at++)
    for (const reader of readersOf(model, inlined[at]!)) {
      if (reader.kind === 'virtual' && !inlined.includes(reader.name)) inlined.push(reader.name)
      else if (reader.kind !== 'virtual') found.add(reader)
    }
  return [...found]
    .filter((cell) => !changes.some(({ columnId }) => columnId === cell.id))
    .map((cell) => ({ columnId: cell.id, declaration: declarationOf(cell) }))
}

/** A column as it was declared. */
export function declarationOf(cell: CellColumn): ColumnDeclaration {
  const { name, kind, type, nullable, pool, options } = cell
  return {
    name,
    kind,
    type,
    nullable,
    pool,
    options,
    expression: cell.declared,
    condition: cell.declaredCondition,
    codeHash: cell.codeHash === '' ? null : cell.codeHash,
  }
}

function generationOf(cellTable: string): number {
  return Number(/^cell_\d+_(\d+)$/u.exec(cellTable)?.[1] ?? 1)
}

/** A column that was virtual may have had cells before, whose table waits to be dropped. */
async function freeGeneration(tx: SqlTransaction, columnId: number): Promise<number> {
  const { rows } = await tx.query<{ name: string }>({
    text: `select relname as name from pg_class where relnamespace = 'vivant_data'::regnamespace and relname ~ ('^cell_' || $1::int || '(_[0-9]+)?$') and relkind = 'r'`,
    values: [columnId],
  })
  return 1 + Math.max(0, ...rows.map(({ name }) => generationOf(name)))
}

function derivedById(model: TableModel, id: number): CellColumn | VirtualColumn {
  const column = [...model.cells, ...model.virtual].find((candidate) => candidate.id === id)
  if (column) return column
  throw new VivantError('COLUMN_NOT_FOUND', `A column of "${model.name}" was dropped while it was replaced.`, { details: { table: model.name, columnId: id } })
}

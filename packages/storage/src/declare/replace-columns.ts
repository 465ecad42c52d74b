import { replaceCaptureFunctions } from '../capture/arm-table.ts'
import { buildModel } from '../catalog/build-model.ts'
import type { CatalogColumn } from '../catalog/catalog-rows.ts'
import { cellById, cellTableName, type CellColumn, type TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { createCellTable } from '../ddl/cell-table.ts'
import type { ColumnDeclaration } from './column-declaration.ts'
import { lockTable } from './lock-table.ts'
import { openPublication, type ColumnReplacement } from './publication.ts'
import { lockTimeoutMs, retryOnLock } from './retry-on-lock.ts'

/** The new form of a computed column: published as a new version, while the old values are served as stale. */
export async function replaceColumns(
  database: Database,
  tableId: number,
  changes: readonly { readonly columnId: number; readonly declaration: ColumnDeclaration }[],
  timeoutMs: number
): Promise<number> {
  return retryOnLock(`Replacing ${changes.map(({ declaration }) => declaration.name).join(', ')}`, timeoutMs, () =>
    database.transaction(
      async (tx) => {
        const model = await lockTable(tx, tableId)
        const replaced: ColumnReplacement[] = []
        for (const { columnId, declaration } of changes) {
          const current = cellById(model, columnId)
          const sameType = JSON.stringify(current.type) === JSON.stringify(declaration.type)
          const cellTable = sameType ? null : cellTableName(columnId, generationOf(current) + 1)
          if (cellTable) await createCellTable(tx, cellTable, declaration.type, `${model.name}.${declaration.name}`)
          replaced.push({ columnId, declaration, cellTable })
        }
        // until publication both forms are captured: what the old one reads and what the new one will read
        await replaceCaptureFunctions(tx, { ...model, cells: [...model.cells, ...replaced.map((replacement) => pendingColumn(model, replacement))] })
        return openPublication(tx, tableId, { added: [], replaced })
      },
      { lockTimeoutMs }
    )
  )
}

function generationOf(column: CellColumn): number {
  return Number(/^cell_\d+_(\d+)$/u.exec(column.cellTable)?.[1] ?? 1)
}

/** The column as it will be, beside the one that is: only its inputs, its pool and its cell table matter to the capture. */
function pendingColumn(model: TableModel, { columnId, declaration, cellTable }: ColumnReplacement): CellColumn {
  const current = cellById(model, columnId)
  const others = [...model.stored, ...model.virtual, ...model.cells.filter((cell) => cell.id !== columnId)].map(catalogColumn)
  const pending: CatalogColumn = {
    ...catalogColumn(current),
    type: declaration.type,
    expression: declaration.expression,
    condition: declaration.condition,
    pool: declaration.pool,
    cellTable: cellTable ?? current.cellTable
  }
  return cellById(buildModel(model, [...others, pending]), columnId)
}

function catalogColumn(column: TableModel['stored'][number] | TableModel['virtual'][number] | CellColumn): CatalogColumn {
  const isCell = column.kind !== 'stored' && column.kind !== 'virtual'
  return {
    id: column.id,
    name: column.name,
    kind: column.kind,
    attnum: column.kind === 'stored' ? column.attnum : null,
    type: column.type,
    nullable: column.nullable,
    expression: column.kind === 'stored' ? null : column.declared,
    condition: isCell ? column.declaredCondition : null,
    pool: isCell ? column.pool : '',
    version: isCell ? column.version : 1,
    state: isCell ? column.state : 'active',
    codeHash: isCell ? column.codeHash : null,
    codeHashes: isCell ? column.codeHashes : [],
    options: isCell ? column.options : ({} as CellColumn['options']),
    cellTable: isCell ? column.cellTable : null,
    position: column.position
  }
}

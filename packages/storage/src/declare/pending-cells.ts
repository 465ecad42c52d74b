import { buildModel } from '../catalog/build-model.ts'
import { familyQuery, readersAmong, readTable, rollUpsAmong } from '../catalog/read-catalog.ts'
import type { CatalogColumn } from '../catalog/catalog-rows.ts'
import { type CellColumn, type ModelColumn, type RollUpReader, type TableModel, type ViewReader, viewsOf } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import type { ColumnReplacement } from './publication.ts'

/**
 * The table with its replaced columns as they will be, beside those that are, for every replacement that is still to be published: until
 * then both forms are captured, whoever makes the trigger functions again meanwhile.
 */
export async function withPendingCells(client: SqlClient, model: TableModel): Promise<TableModel> {
  const { rows } = await client.query<{ replaced: readonly ColumnReplacement[] }>({
    text: `select detail->'replaced' as replaced from vivant.operation where table_id = $1 and kind = 'publish' and ended_at is null order by id`,
    values: [model.id],
  })
  const replaced = rows.flatMap((row) => row.replaced)
  const readers = await pendingReaders(client, model)
  return replaced.length + readers.views.length + readers.rollUps.length
    ? {
        ...model,
        cells: [...model.cells, ...pendingCells(model, replaced)],
        readers: [...model.readers, ...readers.views],
        rolledUp: [...model.rolledUp, ...readers.rollUps],
      }
    : model
}

interface PendingReaders {
  readonly views: readonly ViewReader[]
  readonly rollUps: readonly RollUpReader[]
}

/** What columns of other tables that are still to be published will read of the table. */
async function pendingReaders(client: SqlClient, model: TableModel): Promise<PendingReaders> {
  const { rows } = await client.query<{ tableId: number; replaced: readonly ColumnReplacement[] }>({
    text: `${familyQuery} select o.table_id as "tableId", o.detail->'replaced' as replaced from vivant.operation o join family f on f.id = o.table_id
where o.table_id <> $1 and o.kind = 'publish' and o.ended_at is null and jsonb_array_length(o.detail->'replaced') > 0 order by o.id`,
    values: [model.id],
  })
  const found = await Promise.all(
    rows.map(async ({ tableId, replaced }): Promise<PendingReaders> => {
      const reader = await readTable(client, tableId)
      if (!reader) return { views: [], rollUps: [] }
      const columns = pendingCells(reader, replaced)
      return { views: readersAmong(reader, columns, model.id), rollUps: rollUpsAmong(columns, model.id) }
    }),
  )
  return { views: found.flatMap(({ views }) => views), rollUps: found.flatMap(({ rollUps }) => rollUps) }
}

/** The columns as they will be, beside those that are: only inputs, pool and cell table matter to the capture. */
export function pendingCells(model: TableModel, replaced: readonly ColumnReplacement[]): readonly CellColumn[] {
  const columns = [...model.stored, ...model.virtual, ...model.cells].map((column): CatalogColumn => {
    const catalog = catalogColumn(column)
    const change = replaced.find(({ columnId }) => columnId === column.id)
    if (!change) return catalog
    const { kind, type, expression, condition, pool } = change.declaration
    return { ...catalog, kind, type, expression, condition, pool, cellTable: kind === 'virtual' ? null : (change.cellTable ?? catalog.cellTable) }
  })
  const pending = buildModel(model, columns, { parent: model.view?.parent ?? null, views: viewsOf(model), family: model.family })
  return pending.cells.filter((cell) => replaced.some(({ columnId }) => columnId === cell.id))
}

function catalogColumn(column: ModelColumn): CatalogColumn {
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
    position: column.position,
  }
}

import { VivantError } from '@vivant/core'
import { widenCapture } from '../capture/arm-table.ts'
import { captureFunctions } from '../capture/capture-functions.ts'
import type { ViewSource } from '../catalog/catalog-rows.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { cellById, logTable, revisionTable, type TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import type { StorableDefinition } from '../ddl/definition-json.ts'
import { cellTablesOf } from '../groups/position.ts'
import { quoteName } from '../ddl/quote.ts'
import { dropCells, dropCellsLater } from '../upkeep/drop-cells.ts'
import { dropLiveView, translateDependents } from './change-table.ts'
import { dropFromCatalog } from './drop-column.ts'
import { bumpSchemaVersion, lockTable } from './lock-table.ts'
import { lockTimeoutMs, retryOnLock } from './retry-on-lock.ts'

/** Drops a table with its rows and all that was computed of them. Throws COLUMN_NEEDED when other tables refer to it. */
export async function dropTable(database: Database, tableId: number, timeoutMs: number): Promise<void> {
  await retryOnLock('Dropping the table', timeoutMs, () =>
    database
      .transaction(
        async (tx) => {
          const model = await lockTable(tx, tableId)
          await refuseReferenced(tx, model)
          await refuseViews(tx, model)
          refuseRolledUp(model)
          await dropLiveView(tx, model)
          await tx.query(`drop table ${quoteName(model.schemaName, model.name)}`)
          await forgetTable(tx, model)
          if (model.view) await dropExpansion(tx, model.view)
        },
        { lockTimeoutMs },
      )
      .catch((error: unknown) => {
        throw translateDependents('Dropping the table', error)
      }),
  )
  await dropCells(database)
}

/** Takes a table that is gone out of the catalog. Tasks that are leased end with their claims. */
export async function forgetTable(tx: SqlTransaction, model: TableModel): Promise<void> {
  for (const { name } of captureFunctions(model)) await tx.query(`drop function if exists ${name}()`)
  await tx.query({ text: 'delete from vivant."table" where id = $1', values: [model.id] })
  await tx.query({
    text: 'delete from vivant.task where id in (select id from vivant.task where table_id = $1 and owner is null for update skip locked)',
    values: [model.id],
  })
  await tx.query({
    text: `update vivant.operation set ended_at = now() where table_id = $1 and ended_at is null and kind in ('publish', 'drift')`,
    values: [model.id],
  })
  await dropCellsLater(tx, model.id, [...model.cells.flatMap(cellTablesOf), revisionTable(model.id), ...(model.view ? [logTable(model.id)] : [])])
}

/** The parent's column whose cells made the rows of a view that is gone. */
async function dropExpansion(tx: SqlTransaction, { parentId, expansionId }: ViewSource): Promise<void> {
  const parent = await lockTable(tx, parentId)
  await dropFromCatalog(tx, parent, [cellById(parent, expansionId)])
  await bumpSchemaVersion(tx, parentId)
  await widenCapture(tx, (await readTable(tx, parentId))!)
}

async function refuseViews(tx: SqlTransaction, model: TableModel): Promise<void> {
  const { rows } = await tx.query<{ name: string }>({
    text: 'select name from vivant."table" where expansion_id = any($1::int[]) order by name',
    values: [model.cells.map((cell) => cell.id)],
  })
  if (rows.length === 0) return
  const names = rows.map(({ name }) => name)
  throw new VivantError('COLUMN_NEEDED', `"${model.name}" is needed by its views: ${names.join(', ')}. Drop those first.`, {
    details: { table: model.name, paths: names },
  })
}

/** Columns of the parent that say what the rows of a view come to. */
function refuseRolledUp({ name, view, rolledUp }: TableModel): void {
  const paths = [...new Set(rolledUp.map(({ column }) => `${view!.parent.name}.${column.name} → ${name}`))]
  if (paths.length === 0) return
  throw new VivantError('COLUMN_NEEDED', `"${name}" is needed: ${paths.join(', ')}. Drop those columns first.`, { details: { table: name, paths } })
}

async function refuseReferenced(tx: SqlTransaction, model: TableModel): Promise<void> {
  const { rows } = await tx.query<{ name: string; definition: StorableDefinition }>({
    text: 'select name, definition from vivant."table" where id <> $1 and schema_name = $2 order by name',
    values: [model.id, model.schemaName],
  })
  const paths = rows.flatMap(({ name, definition }) =>
    definition.columns.flatMap((column) =>
      column.references?.table === model.name ? [`${name}.${column.name} → ${model.name}.${column.references.column}`] : [],
    ),
  )
  if (paths.length === 0) return
  throw new VivantError('COLUMN_NEEDED', `"${model.name}" is needed: ${paths.join(', ')}. Drop those columns or tables first.`, {
    details: { table: model.name, paths },
  })
}

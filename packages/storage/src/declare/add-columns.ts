import { VivantError } from '@vivant/core'
import { widenCapture } from '../capture/arm-table.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { cellTableName, findColumn, type TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { createCells } from '../groups/create-cells.ts'
import { replaceLiveView } from '../ddl/live-view.ts'
import type { ColumnDeclaration } from './column-declaration.ts'
import { lockTable } from './lock-table.ts'
import { refuseCycles } from './refuse-cycles.ts'
import { endPublication, openPublication, type PublicationDetail } from './publication.ts'
import { lockTimeoutMs, retryOnLock } from './retry-on-lock.ts'

/**
 * The first commit of a declaration: cell tables, catalog rows, live view, and the capture widened to what the new columns
 * read. They are published by a second commit (`finishPublication`), when every transaction that may still write past the
 * wider capture has ended. Gives the operation that does it.
 */
export async function addColumns(database: Database, tableId: number, declarations: readonly ColumnDeclaration[], timeoutMs: number): Promise<number> {
  const names = declarations.map((declaration) => declaration.name).join(', ')
  return retryOnLock(`Adding ${names}`, timeoutMs, () =>
    database.transaction(
      async (tx) => {
        const before = await lockTable(tx, tableId)
        const columnIds: number[] = []
        for (const declaration of declarations) columnIds.push(await insertColumn(tx, before, declaration))
        const model = (await readTable(tx, tableId))!
        refuseCycles(
          model,
          model.cells.filter(({ id }) => columnIds.includes(id)),
        )
        await widenCapture(tx, model)
        await replaceLiveView(tx, model)
        const detail: PublicationDetail = { added: columnIds.filter((id) => model.cells.some((cell) => cell.id === id)), replaced: [] }
        const operation = await openPublication(tx, tableId, detail)
        if (detail.added.length === 0) await endPublication(tx, tableId, operation)
        return operation
      },
      { lockTimeoutMs },
    ),
  )
}

export async function insertColumn(tx: SqlTransaction, model: TableModel, declaration: ColumnDeclaration): Promise<number> {
  if (findColumn(model, declaration.name) || model.opaque.some((column) => column.name === declaration.name))
    throw new VivantError('COLUMN_EXISTS', `"${model.name}" already has a column "${declaration.name}".`, {
      details: { table: model.name, column: declaration.name },
    })
  const stored = declaration.kind !== 'virtual'
  const { rows } = await tx.query<{ id: number }>({
    text: `insert into vivant."column" (table_id, name, kind, type, nullable, expression, condition, pool, state, code_hash, code_hashes, options, position)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, (select coalesce(max(position), 0) + 1 from vivant."column" where table_id = $1))
returning id`,
    values: [
      model.id,
      declaration.name,
      declaration.kind,
      JSON.stringify(declaration.type),
      declaration.nullable,
      JSON.stringify(declaration.expression),
      declaration.condition ? JSON.stringify(declaration.condition) : null,
      declaration.pool,
      stored ? 'declaring' : 'active',
      declaration.codeHash,
      declaration.codeHash ? [declaration.codeHash] : [],
      JSON.stringify(declaration.options),
    ],
  })
  const id = rows[0]!.id
  if (stored) {
    await createCells(tx, cellTableName(id), declaration, model.name)
    await tx.query({ text: 'update vivant."column" set cell_table = $2 where id = $1', values: [id, cellTableName(id)] })
  }
  return id
}

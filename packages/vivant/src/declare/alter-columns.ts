import { type StoredColumnDefinition, VivantError } from '@vivant/core'
import { addStoredColumn, alterStoredColumn as alterStored, dropColumn, dropHiddenColumn, findColumn, renameColumn, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { declarationTimeoutMs, settledModel } from './settled-model.ts'
import { embeddingColumnName } from './declared-column.ts'
import { standingDefinition } from './standing-definition.ts'
import { describeColumn, isSameColumn } from './table-differences.ts'

/** Adds a stored column, unless an equal one stands. */
export async function declareStoredColumn(runtime: Runtime, table: string, column: StoredColumnDefinition): Promise<void> {
  await change(runtime, table, async (model) => {
    const standing = findColumn(model, column.name)
    const { columns } = await standingDefinition(runtime.database, model, [column])
    const was = columns.find((candidate) => candidate.name === column.name)
    if (standing === undefined) return addStoredColumn(runtime.database, model.id, column, declarationTimeoutMs)
    if (was && isSameColumn(was, column)) return undefined
    const is = was ? `is ${describeColumn(was)}, declared is ${describeColumn(column)}: use alterColumn` : 'is computed'
    throw new VivantError('COLUMN_DIFFERS', `'${table}.${column.name}' is there and ${is}`, { details: { table, column: column.name } })
  })
}

export function alterStoredColumn(runtime: Runtime, table: string, column: StoredColumnDefinition): Promise<void> {
  return change(runtime, table, ({ id }) => alterStored(runtime.database, id, column, declarationTimeoutMs))
}

export function renameTableColumn(runtime: Runtime, table: string, name: string, newName: string): Promise<void> {
  return change(runtime, table, ({ id }) => renameColumn(runtime.database, id, name, newName, declarationTimeoutMs))
}

export function dropTableColumn(runtime: Runtime, table: string, name: string): Promise<void> {
  return change(runtime, table, ({ id }) => dropColumn(runtime.database, id, name, declarationTimeoutMs))
}

export async function dropTableIndex(runtime: Runtime, table: string, name: string): Promise<void> {
  await change(runtime, table, (model) => {
    if (findColumn(model, embeddingColumnName(name)) === undefined) {
      throw new VivantError('COLUMN_NOT_FOUND', `'${table}' has no embedding index '${name}'`, { details: { table, index: name } })
    }
    return dropHiddenColumn(runtime.database, model.id, embeddingColumnName(name), declarationTimeoutMs)
  })
}

/** A change of one table, after which this connection and its worker look at the catalog again. */
async function change(runtime: Runtime, table: string, work: (model: TableModel) => Promise<void> | undefined): Promise<void> {
  const model = await settledModel(runtime, table)
  try {
    await work(model)
  } finally {
    runtime.forgetModels()
    runtime.wake()
  }
}

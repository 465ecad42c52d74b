import { VivantError } from '@vivant/core'
import { readTable, type SqlTransaction, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

const modelsInTransaction = new WeakMap<SqlTransaction, Map<string, TableModel>>()

/** A table that takes rows. NOT_WRITABLE for a view. */
export async function insertableModel(runtime: Runtime, name: string, client: SqlTransaction | undefined): Promise<TableModel> {
  const model = await tableModel(runtime, name, client)
  if (!model.view) return model
  const parent = await readTable(client ?? runtime.database, model.view.parentId)
  const of = parent?.name ?? 'its parent'
  throw new VivantError('NOT_WRITABLE', `'${name}' is a view: its rows are made from those of '${of}'. Insert there.`, { details: { table: name, parent: of } })
}

/** The catalog's entry of a table: through the connection of a transaction where the call is inside one, read once there. */
export async function tableModel(runtime: Runtime, name: string, client: SqlTransaction | undefined): Promise<TableModel> {
  if (!client) return runtime.model(name)
  const known = modelsInTransaction.get(client) ?? new Map<string, TableModel>()
  modelsInTransaction.set(client, known)
  const model = known.get(name) ?? (await readTable(client, { schemaName: runtime.schemaName, name }))
  if (!model) throw new VivantError('TABLE_NOT_FOUND', `There is no table "${name}": create it first, or look at its name.`, { details: { table: name } })
  known.set(name, model)
  return model
}

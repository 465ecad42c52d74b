import { isVivantError, type TableDefinition, VivantError } from '@vivant/core'
import { createTable, dropTable, readTable, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { createDeclaredView, followView } from './create-view.ts'
import { declarationTimeoutMs, followUsers } from './settled-model.ts'
import { standingDefinition } from './standing-definition.ts'
import { tableDifferences } from './table-differences.ts'

export interface CreateTableOptions {
  /**
   * When there is a table of that name: `use` it if it was declared alike, else TABLE_DIFFERS (default); `error`: TABLE_EXISTS in any case;
   * `replace`: drop it **with its rows** and make it anew.
   */
  readonly ifExists?: 'use' | 'error' | 'replace'
}

/** Makes a table unless one like it stands. Throws TABLE_DIFFERS, TABLE_EXISTS. */
export async function createDeclaredTable(runtime: Runtime, definition: TableDefinition, { ifExists = 'use' }: CreateTableOptions = {}): Promise<void> {
  await followUsers(runtime)
  const standing = await find(runtime, definition.name)
  if (standing && ifExists === 'error') {
    throw new VivantError('TABLE_EXISTS', `there is a table '${definition.name}' already`, { details: { table: definition.name } })
  }
  if (standing && ifExists === 'use') return checkEqual(runtime, standing, definition)
  if (standing) await dropTable(runtime.database, standing.id, declarationTimeoutMs)
  runtime.forgetModels()
  try {
    await (definition.view ? createDeclaredView(runtime, definition, definition.view) : createTable(runtime.database, runtime.schemaName, definition))
  } catch (error) {
    // another process made it a moment ago
    const made = isVivantError(error, 'TABLE_EXISTS') ? await find(runtime, definition.name) : null
    if (!made || ifExists === 'error') throw error
    await checkEqual(runtime, made, definition)
  }
}

function find(runtime: Runtime, name: string): Promise<TableModel | null> {
  return readTable(runtime.database, { schemaName: runtime.schemaName, name })
}

async function checkEqual(runtime: Runtime, standing: TableModel, definition: TableDefinition): Promise<void> {
  const known = await standingDefinition(runtime.database, standing, definition.columns)
  // a view's definition names what its iterator makes; columns that were added to it are the user's own
  const named = (name: string): boolean => definition.columns.some((column) => column.name === name)
  const was = standing.view && definition.view ? { ...known, columns: known.columns.filter(({ name }) => named(name)) } : known
  const differences = tableDifferences(was, definition)
  if (differences.length === 0) return followView(runtime, standing, definition)
  throw new VivantError('TABLE_DIFFERS', `the table '${definition.name}' is not as it is declared: ${differences.join('; ')}`, {
    details: { table: definition.name, differences },
  })
}

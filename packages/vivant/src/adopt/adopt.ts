import { type TableDefinition, tableName, VivantError } from '@vivant/core'
import { type AdoptionPlan, adoptTable, planAdoption as planOf, readRelation, readTable, releaseTable, type TableModel } from '@vivant/storage'
import type { TableOrName } from '../database/table-of.ts'
import { declarationTimeoutMs, followUsers, settledModel } from '../declare/settled-model.ts'
import { standingDefinition } from '../declare/standing-definition.ts'
import { tableDifferences } from '../declare/table-differences.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AdoptOptions } from './adopt-options.ts'

/** Adopts a table; gives the entry of one that stands in the catalog already. */
export async function adopt(runtime: Runtime, which: TableOrName, definition: TableDefinition | null, options: AdoptOptions = {}): Promise<TableModel> {
  const name = nameIn(runtime, which)
  await followUsers(runtime)
  const standing = await readTable(runtime.database, { schemaName: runtime.schemaName, name })
  if (standing) {
    if (definition) await checkEqual(runtime, standing, definition)
    return standing
  }
  const { timeoutMs = declarationTimeoutMs, ...rest } = options
  try {
    return await adoptTable(runtime.database, { ...rest, schemaName: runtime.schemaName, name, definition, timeoutMs })
  } finally {
    runtime.forgetModels()
    runtime.wake()
  }
}

export async function planAdoption(runtime: Runtime, which: TableOrName, options?: AdoptOptions): Promise<AdoptionPlan> {
  const relation = await readRelation(runtime.database, runtime.schemaName, nameIn(runtime, which))
  return planOf(relation, runtime.database.profile, options)
}

export async function release(runtime: Runtime, which: TableOrName): Promise<void> {
  const model = await settledModel(runtime, typeof which === 'string' ? nameIn(runtime, which) : tableName(which))
  await releaseTable(runtime.database, model.id, declarationTimeoutMs)
}

/** `products` of `public.products`: the tables of a connection lie in one schema. */
function nameIn(runtime: Runtime, which: TableOrName): string {
  if (typeof which !== 'string') return tableName(which)
  const dot = which.indexOf('.')
  if (dot === -1) return which
  const schema = which.slice(0, dot)
  if (schema === runtime.schemaName) return which.slice(dot + 1)
  throw new VivantError(
    'CONFIGURATION_INVALID',
    `this connection keeps the tables of the schema "${runtime.schemaName}": connect with { schema: '${schema}' }`,
    {
      details: { schema },
    },
  )
}

async function checkEqual(runtime: Runtime, standing: TableModel, definition: TableDefinition): Promise<void> {
  const was = await standingDefinition(runtime.database, standing, definition.columns)
  const differences = tableDifferences(was, definition)
  if (differences.length === 0) return
  throw new VivantError('TABLE_DIFFERS', `the table '${definition.name}' is adopted, and not as it is defined: ${differences.join('; ')}`, {
    details: { table: definition.name, differences },
  })
}

import type { StoredColumnDefinition } from '@vivant/core'
import { readDefinition, type SqlClient, type StorableDefinition, type TableModel } from '@vivant/storage'

/** Of a column that a user added by SQL: what Vivant knows is its name and its type. */
export const noRules: Omit<StoredColumnDefinition, 'name' | 'type' | 'nullable'> = {
  unique: false,
  primaryKey: false,
  references: null,
  check: null,
  min: null,
  max: null,
  description: null,
}

/**
 * What a declaration is compared with: the table as it was declared, and those of the columns added by SQL that the declaration names. The
 * others are the user's alone.
 */
export async function standingDefinition(client: SqlClient, model: TableModel, columns: readonly { readonly name: string }[]): Promise<StorableDefinition> {
  const declared = (await readDefinition(client, model.id)) ?? { columns: [], constraints: { primaryKey: null, unique: [], indexes: [] }, description: null }
  const known = new Set(declared.columns.map((column) => column.name))
  const added = model.stored.filter((column) => !known.has(column.name) && columns.some(({ name }) => name === column.name))
  return { ...declared, columns: [...declared.columns, ...added.map(({ name, type, nullable }) => ({ ...noRules, name, type, nullable }))] }
}

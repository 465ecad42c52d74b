import type { StoredColumnDefinition, TableDefinition } from '@vivant/core'

/** What the catalog keeps of a declaration, to compare the next one with: everything but code. */
export interface StorableDefinition {
  readonly columns: readonly Omit<StoredColumnDefinition, 'validate'>[]
  readonly constraints: TableDefinition['constraints']
  readonly description: string | null
}

export function storableDefinition(definition: TableDefinition): StorableDefinition {
  return {
    columns: definition.columns.map(({ validate: _, ...column }) => column),
    constraints: definition.constraints,
    description: definition.description
  }
}

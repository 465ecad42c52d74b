import type { StoredColumnDefinition, TableDefinition } from '@vivant/core'

/** What the catalog keeps of a declaration, to compare the next one with: everything but code. */
export interface StorableDefinition {
  readonly columns: readonly StorableColumn[]
  readonly constraints: TableDefinition['constraints']
  readonly description: string | null
}
export type StorableColumn = Omit<StoredColumnDefinition, 'validate'>

export function storableDefinition(definition: TableDefinition): StorableDefinition {
  return {
    columns: definition.columns.map(storableColumn),
    constraints: definition.constraints,
    description: definition.description,
  }
}

export function storableColumn({ validate: _, ...column }: StoredColumnDefinition): StorableColumn {
  return column
}

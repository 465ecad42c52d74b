import type { StoredColumnDefinition, TableDefinition } from '@vivant/core'

/** What the catalog keeps of a declaration, to compare the next one with: everything but code. */
export interface StorableDefinition {
  readonly columns: readonly StorableColumn[]
  readonly constraints: TableDefinition['constraints']
  readonly description: string | null
  readonly adopted?: Adoption
}

/** Of a table that Vivant did not make. */
export interface Adoption {
  /** Vivant added `_id`, and takes it away when the table is released. */
  readonly addedId: boolean
  /** Columns that the database fills in where an insert leaves them out: by a default, an identity, an expression. */
  readonly filled: readonly string[]
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

import { VivantError } from '../error/vivant-error.ts'
import type { Expression } from '../expression/expression.ts'
import { describeValue } from '../value/describe-value.ts'
import type { Children, ChildrenOptions } from './children.ts'
import { createChildren } from './create-children.ts'
import type { ColumnOptions, Definition, EmbeddingIndexOptions } from './definition.ts'
import { defineComputedColumn } from './define-computed-column.ts'
import { defineEmbeddingIndex } from './define-embedding-index.ts'
import type { EmbeddingModel } from './embedding-model.ts'
import type { Schema } from './schema.ts'
import type { TableDefinition } from './table-definition.ts'

// Registered, so that two copies of this package in one process understand each other's definitions.
const tableKey: unique symbol = Symbol.for('vivant.table') as never

/** Behind every `Definition`: the types are in the interface, this one keeps the data. */
export class DefinitionImpl {
  readonly name: string

  constructor(table: TableDefinition) {
    this.name = table.name
    Object.defineProperty(this, tableKey, { value: Object.freeze(table) })
    Object.freeze(this)
  }

  computed(name: string, value: (row: never) => Expression, options?: ColumnOptions<Schema>): DefinitionImpl {
    const table = tableDefinition(this as never)
    return new DefinitionImpl({ ...table, computed: [...table.computed, defineComputedColumn(table, name, value, options)] })
  }

  of(row: unknown, options?: ChildrenOptions): Children<Schema> {
    return createChildren(tableDefinition(this as never), row, options)
  }

  embeddingIndex(column: string, model: EmbeddingModel, options?: EmbeddingIndexOptions): DefinitionImpl {
    const table = tableDefinition(this as never)
    return new DefinitionImpl({ ...table, embeddingIndexes: [...table.embeddingIndexes, defineEmbeddingIndex(table, column, model, options)] })
  }
}

/** Whether a value, such as an export of a module, is a definition. */
export function isDefinition(value: unknown): value is Definition<Schema> {
  return typeof value === 'object' && value !== null && tableKey in value
}

/** The data of a definition. Throws TYPE_MISMATCH for anything else. */
export function tableDefinition<S extends Schema>(definition: Definition<S>): TableDefinition {
  if (isDefinition(definition)) return (definition as unknown as { readonly [tableKey]: TableDefinition })[tableKey]
  throw new VivantError('TYPE_MISMATCH', `a definition made by table(…) is expected, not ${describeValue(definition)}`)
}

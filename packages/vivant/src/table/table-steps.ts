import {
  type AnyColumn,
  type ColumnOptions,
  columnDefinition,
  columnNotFound,
  defineComputedColumn,
  defineEmbeddingIndex,
  type EmbeddingIndexOptions,
  type EmbeddingModel,
  type Expression,
  rowColumns,
  type Schema,
  type TableDefinition,
} from '@vivant/core'
import { addIndex } from '../declare/add-index.ts'
import { alterStoredColumn, declareStoredColumn, dropTableColumn, dropTableIndex, renameTableColumn } from '../declare/alter-columns.ts'
import { declareColumns } from '../declare/declare-columns.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { IndexOptions } from './alterable.ts'
import { withAlteredColumn, withComputed, withoutColumn, withoutIndex, withRenamedColumn, withStoredColumn } from './alter-definition.ts'
import type { TableChange } from './table-chain.ts'

/** A call on a table that changes its schema: what the table is afterwards, and what is to be done. */
export interface TableStep {
  readonly table: TableDefinition
  readonly change: TableChange
}

type Value = (row: never) => Expression

/** The verbs of `Alterable`. Each runs the user's callbacks at once, so that an error's stack shows the user's line. */
export const tableSteps = {
  addComputedColumn(_runtime: Runtime, table: TableDefinition, name: string, value: Value, options?: ColumnOptions<Schema>): TableStep {
    const column = defineComputedColumn(table, name, value, options)
    return { table: withComputed(table, column), change: { declares: { kind: 'computed', column } } }
  },

  addEmbeddingIndex(_runtime: Runtime, table: TableDefinition, column: string, model: EmbeddingModel, options?: EmbeddingIndexOptions): TableStep {
    const index = defineEmbeddingIndex(table, column, model, options)
    const { type } = rowColumns(table).find((candidate) => candidate.name === column)!
    return {
      table: { ...table, embeddingIndexes: [...table.embeddingIndexes, index] },
      change: { declares: { kind: 'embedding', index, type } },
    }
  },

  replaceComputedColumn(runtime: Runtime, table: TableDefinition, name: string, value: Value, options?: ColumnOptions<Schema>): TableStep {
    const known = table.computed.map((column) => column.name)
    if (!known.includes(name)) throw columnNotFound(name, known, { table: table.name })
    // the callback's row has no column that is being made of it
    const others = { ...table, computed: table.computed.filter((column) => column.name !== name) }
    const column = defineComputedColumn(others, name, value, options)
    return {
      table: withComputed(table, column),
      change: { run: () => declareColumns(runtime, table, [{ kind: 'computed', column }], { replace: 'always' }) },
    }
  },

  addColumn(runtime: Runtime, table: TableDefinition, name: string, builder: AnyColumn): TableStep {
    const after = withStoredColumn(table, name, builder)
    return { table: after, change: { run: () => declareStoredColumn(runtime, table.name, columnDefinition(name, builder)) } }
  },

  alterColumn(runtime: Runtime, table: TableDefinition, name: string, builder: AnyColumn): TableStep {
    const after = withAlteredColumn(table, name, builder)
    return { table: after, change: { run: () => alterStoredColumn(runtime, table.name, columnDefinition(name, builder)) } }
  },

  renameColumn(runtime: Runtime, table: TableDefinition, name: string, newName: string): TableStep {
    return { table: withRenamedColumn(table, name, newName), change: { run: () => renameTableColumn(runtime, table.name, name, newName) } }
  },

  dropColumn(runtime: Runtime, table: TableDefinition, name: string): TableStep {
    return { table: withoutColumn(table, name), change: { run: () => dropTableColumn(runtime, table.name, name) } }
  },

  dropEmbeddingIndex(runtime: Runtime, table: TableDefinition, name: string): TableStep {
    return { table: withoutIndex(table, name), change: { run: () => dropTableIndex(runtime, table.name, name) } }
  },

  addIndex(runtime: Runtime, table: TableDefinition, columns: string | readonly string[], options?: IndexOptions): TableStep {
    return { table, change: { run: () => addIndex(runtime, table.name, typeof columns === 'string' ? [columns] : columns, options) } }
  },
}

export type TableVerb = keyof typeof tableSteps

export const tableVerbs = Object.keys(tableSteps) as readonly TableVerb[]

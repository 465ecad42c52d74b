import { type Definition, type FunctionLog, type Schema, tableDefinition, type TableDefinition } from '@vivant/core'
import { createDeclaredTable } from '../../../packages/vivant/src/declare/create-table.ts'
import { declareColumns } from '../../../packages/vivant/src/declare/declare-columns.ts'
import type { DeclaredColumn } from '../../../packages/vivant/src/declare/declared-column.ts'
import type { TableQuery } from '../../../packages/vivant/src/query/query.ts'
import { createTableQuery } from '../../../packages/vivant/src/query/table-query.ts'
import { settled } from '../../../packages/vivant/src/observe/settled.ts'
import { openRuntime } from '../../../packages/vivant/src/runtime/open-runtime.ts'
import type { Runtime } from '../../../packages/vivant/src/runtime/runtime.ts'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import type { Engine } from '../../engines.ts'

/** A database with tables of a test, below the handles: what queries need and no more. */
export interface OpenQueries extends AsyncDisposable {
  readonly runtime: Runtime
  startWorker(): Promise<void>
  stopWorker(): Promise<void>
  /** Makes the table with its columns; gives all its rows as a query. */
  create<S extends Schema>(definition: Definition<S>): Promise<TableQuery<S>>
  insert<S extends Schema>(definition: Definition<S>, rows: readonly object[]): Promise<readonly number[]>
  /** Until everything that was captured before is computed. */
  settled(): Promise<void>
}

const quiet: FunctionLog = { debug() {}, info() {}, warn() {}, error() {} }

export async function openQueries(engine: Engine, { worker = true }: { readonly worker?: boolean } = {}): Promise<OpenQueries> {
  const place = await engine.database()
  const open = await openRuntime({
    target: place.target,
    schema: 'public',
    live: 'live',
    worker: { pools: null },
    media: engine.name === 'server' ? { store: `/tmp/vivant-query-media-${process.pid}` } : {},
    resources: [],
    secrets: {},
    log: quiet,
  })
  const { runtime } = open
  if (worker) await open.startWorker()
  return {
    runtime,
    startWorker: () => open.startWorker(),
    stopWorker: async () => {
      await runtime.worker?.stop()
      runtime.worker = null
    },
    create: async <S extends Schema>(definition: Definition<S>) => {
      const table = tableDefinition(definition)
      await createDeclaredTable(runtime, table)
      const columns = declared(table)
      if (columns.length > 0) await declareColumns(runtime, table, columns)
      return createTableQuery<S>(runtime, table)
    },
    insert: async (definition, rows) => {
      const { ids } = await insertRows(runtime, tableDefinition(definition), rows as never)
      return ids ?? []
    },
    settled: async () => {
      await settled(runtime, { timeoutMs: 30_000 })
    },
    [Symbol.asyncDispose]: async () => {
      await open.close()
      await place[Symbol.asyncDispose]()
    },
  }
}

function declared(table: TableDefinition): readonly DeclaredColumn[] {
  const computed = table.computed.map((column): DeclaredColumn => ({ kind: 'computed', column }))
  const types = new Map([
    ...table.columns.map((column) => [column.name, column.type] as const),
    ...table.computed.map((column) => [column.name, column.expression.type] as const),
  ])
  return [...computed, ...table.embeddingIndexes.map((index): DeclaredColumn => ({ kind: 'embedding', index, type: types.get(index.column)! }))]
}

import { type Definition, type Schema, type TableDefinition, tableDefinition } from '@vivant/core'
import type { MediaStore, ResourceOverride } from '@vivant/core'
import { createDeclaredTable } from '../../packages/vivant/src/declare/create-table.ts'
import { declareColumns } from '../../packages/vivant/src/declare/declare-columns.ts'
import { openRuntime, type WorkerSettings } from '../../packages/vivant/src/runtime/open-runtime.ts'
import type { Runtime } from '../../packages/vivant/src/runtime/runtime.ts'
import { MemoryLog } from './function-library.ts'

export interface PipelineOptions {
  readonly worker?: boolean | WorkerSettings
  readonly media?: { readonly store?: MediaStore | string; readonly allowedRoots?: readonly string[]; readonly maxBytes?: number }
  readonly resources?: readonly ResourceOverride<unknown>[]
}

export interface Pipeline extends AsyncDisposable {
  readonly runtime: Runtime
  readonly log: MemoryLog
  startWorker(): Promise<void>
}

/** A connection below the API, with these tables made and a worker if it is asked for. */
export async function openPipeline(target: string, definitions: readonly Definition<Schema>[], options: PipelineOptions = {}): Promise<Pipeline> {
  const log = new MemoryLog()
  const { runtime, startWorker, close } = await openRuntime({
    target,
    schema: 'public',
    live: 'live',
    worker: options.worker === undefined ? true : options.worker === false ? true : options.worker,
    media: options.media ?? {},
    resources: options.resources ?? [],
    secrets: {},
    log,
  })
  try {
    for (const definition of definitions) await declare(runtime, tableDefinition(definition))
    if (options.worker !== false) await startWorker()
  } catch (error) {
    await close()
    throw error
  }
  return { runtime, log, startWorker, [Symbol.asyncDispose]: close }
}

async function declare(runtime: Runtime, definition: TableDefinition): Promise<void> {
  await createDeclaredTable(runtime, definition)
  const columns = definition.computed.map((column) => ({ kind: 'computed' as const, column }))
  if (columns.length) await declareColumns(runtime, definition, columns)
}

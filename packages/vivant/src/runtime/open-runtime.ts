import { type FunctionLog, FunctionRegistry, type MediaKind, type ResourceOverride } from '@vivant/core'
import { Worker } from '@vivant/engine'
import { databaseName, type DatabaseTarget, dropCells, finishOpenPublications, migrate, openDatabase, repairDrift, drawSince } from '@vivant/storage'
import type { MediaConfig } from './media-config.ts'
import { MediaService } from './media-service.ts'
import { openMedia } from './open-media.ts'
import { prepareSchemas } from './prepare-schemas.ts'
import { ResourcePool } from './resource-pool.ts'
import { Runtime } from './runtime.ts'

export interface RuntimeOptions {
  readonly target: DatabaseTarget
  readonly schema: string
  /** Null: whatever the database has. */
  readonly live: string | null
  readonly worker: boolean | WorkerSettings | null
  readonly media: MediaConfig
  readonly resources: readonly ResourceOverride<unknown>[]
  readonly secrets: Readonly<Record<string, string>>
  readonly log: FunctionLog
}

export interface WorkerSettings {
  /** Pools whose functions it runs (default: `default`; on the embedded engine, and for null, every pool). */
  readonly pools?: readonly string[] | null
  /** Claims that are settled at once. */
  readonly slots?: number
}

export interface OpenRuntime {
  readonly runtime: Runtime
  readonly startWorker: () => Promise<void>
  readonly close: () => Promise<void>
}

const mediaKinds: readonly MediaKind[] = ['image', 'video', 'audio', 'document', 'file']

/** Opens the database, brings its system schema up to date, and readies what the handles share. The worker is started apart. */
export async function openRuntime(options: RuntimeOptions): Promise<OpenRuntime> {
  const openedMedia = await openMedia(options.media, options.target)
  const database = await openDatabase(options.target).catch(async (error: unknown) => {
    await openedMedia[Symbol.asyncDispose]()
    throw error
  })
  try {
    await migrate(database)
    const liveSchema = await prepareSchemas(database, options.schema, options.live)
    const media = new MediaService(database, openedMedia.options(await databaseName(database)))
    const registry = new FunctionRegistry()
    for (const kind of mediaKinds) registry.register(media.resolver(kind))
    const resources = new ResourcePool(options.secrets, options.resources)
    const runtime = new Runtime({
      database,
      schemaName: options.schema,
      liveSchema,
      registry,
      media,
      resources,
      secrets: options.secrets,
      log: options.log,
      openedAt: (await drawSince(database)).now,
    })
    for (const { tableId, error } of [...(await repairDrift(database)), ...(await finishOpenPublications(database))])
      options.log.warn('A table does not follow a change of its schema; workers try again.', { tableId, error: error.message })
    await dropCells(database)
    return {
      runtime,
      startWorker: async () => {
        runtime.worker = createWorker(runtime, options)
        await runtime.worker?.start()
      },
      close: async () => {
        await runtime.worker?.stop()
        await resources[Symbol.asyncDispose]()
        await database[Symbol.asyncDispose]()
        await openedMedia[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await database[Symbol.asyncDispose]()
    await openedMedia[Symbol.asyncDispose]()
    throw error
  }
}

function createWorker(runtime: Runtime, { worker, target }: RuntimeOptions): Worker | null {
  const wanted = worker ?? runtime.database.profile.singleProcess
  if (wanted === false) return null
  const settings: WorkerSettings = typeof wanted === 'object' ? wanted : {}
  return new Worker({
    database: runtime.database,
    url: typeof target === 'string' ? target : null,
    functions: runtime.functionSource(),
    environment: runtime.functionEnvironment(),
    log: runtime.log,
    ...(runtime.database.profile.singleProcess ? { pools: null } : {}),
    ...settings,
  })
}

import { type FunctionDefinition, type FunctionLog, type FunctionRegistry, VivantError } from '@vivant/core'
import { type FunctionEnvironment, type FunctionSource, Slots, type Worker } from '@vivant/engine'
import { type Database, readTable, type TableModel } from '@vivant/storage'
import type { MediaService } from './media-service.ts'
import type { ResourcePool } from './resource-pool.ts'

export interface RuntimeParts {
  readonly database: Database
  readonly schemaName: string
  readonly liveSchema: string
  readonly registry: FunctionRegistry
  readonly media: MediaService
  readonly resources: ResourcePool
  readonly secrets: Readonly<Record<string, string>>
  readonly log: FunctionLog
  /** By the clock of the database. */
  readonly openedAt: string
}

/** How long a table's entry is used before its version is looked at again. */
const modelAgeMs = 1000

/** What the handles of one connection share. */
export class Runtime {
  readonly database: Database
  readonly schemaName: string
  readonly liveSchema: string
  readonly registry: FunctionRegistry
  readonly media: MediaService
  readonly resources: ResourcePool
  readonly secrets: Readonly<Record<string, string>>
  readonly log: FunctionLog
  readonly openedAt: string
  /** The worker in this process, if there is one. */
  worker: Worker | null = null
  readonly #models = new Map<string, { readonly model: TableModel; readonly readAt: number }>()
  readonly #slots = new Map<FunctionDefinition, Slots>()

  constructor(parts: RuntimeParts) {
    this.database = parts.database
    this.schemaName = parts.schemaName
    this.liveSchema = parts.liveSchema
    this.registry = parts.registry
    this.media = parts.media
    this.resources = parts.resources
    this.secrets = parts.secrets
    this.log = parts.log
    this.openedAt = parts.openedAt
  }

  /** The catalog's entry of a table; TABLE_NOT_FOUND when there is none. It may be a second old. */
  async model(name: string): Promise<TableModel> {
    const known = this.#models.get(name)
    if (known && performance.now() - known.readAt < modelAgeMs) return known.model
    return this.freshModel(name)
  }

  /** The entry as it is now. */
  async freshModel(name: string): Promise<TableModel> {
    const model = await readTable(this.database, { schemaName: this.schemaName, name })
    if (!model) {
      this.#models.delete(name)
      throw new VivantError('TABLE_NOT_FOUND', `There is no table "${name}": create it first, or look at its name.`, { details: { table: name } })
    }
    this.#models.set(name, { model, readAt: performance.now() })
    return model
  }

  /** After a declaration of this process. */
  forgetModels(): void {
    this.#models.clear()
  }

  /** After a commit of this process that made work: its own worker does not wait for a notification. */
  wake(): void {
    this.worker?.wake()
  }

  /** What functions run with. */
  functionEnvironment(media: FunctionEnvironment['media'] = this.media): FunctionEnvironment {
    return { log: this.log, secrets: this.secrets, use: (resource) => this.resources.use(resource), media, slotsOf: (definition) => this.slotsOf(definition) }
  }

  /** The registry as workers use it. */
  functionSource(): FunctionSource {
    const { registry } = this
    return {
      find: ({ name, hash }) => registry.find(name, hash),
      list: () =>
        Object.fromEntries(
          registry.names().flatMap((name) => {
            const definition = registry.named(name)
            return definition ? [[name, definition.hash]] : []
          }),
        ),
    }
  }

  /** The calls of a function that may be under way at once in this process. */
  slotsOf(definition: FunctionDefinition): Slots {
    const standing = this.#slots.get(definition)
    if (standing) return standing
    const slots = new Slots(definition.concurrency)
    this.#slots.set(definition, slots)
    return slots
  }
}

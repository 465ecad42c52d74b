import { isDefinition, type Resource, type ResourceOverride, tableDefinition, VivantError } from '@vivant/core'
import type { AllowedNames, Database, Definitions } from './database/database.ts'
import { DatabaseImpl } from './database/database-impl.ts'
import { createLog, type LoggerLike } from './database/logger.ts'
import { parseTarget, type PoolLike } from './database/parse-target.ts'
import type { MediaConfig } from './runtime/media-config.ts'
import { openRuntime, type OpenRuntime, type WorkerSettings } from './runtime/open-runtime.ts'
import { type FunctionModule, registerModules } from './runtime/register-modules.ts'
import { createTableHandle } from './table/table-impl.ts'

export interface ConnectOptions<D = {}> {
  /** Definitions by the name they get on the database: `{ videos, frames }`, or `import * as pipeline`. The database is brought to what they say. */
  readonly define?: D & AllowedNames<D>
  /** With `define`: what is there and not defined may be dropped, with its values. Else DROP_NOT_ALLOWED. */
  readonly allowDrop?: boolean
  /** With `define`: code that a column had before may win again, to go back to an older version of the program. */
  readonly allowRevert?: boolean
  /** Whether this process computes cells (default: yes on the embedded engine, no on a server, where `vivant worker` does), and how. */
  readonly worker?: boolean | WorkerSettings
  /** Modules with the functions that its worker can run, beside those of `define` and of the columns declared through this connection. */
  readonly modules?: readonly FunctionModule[]
  /**
   * Where media lie: a folder (default: `media` in the database's), `s3://bucket/prefix` of any S3-compatible server, or a store of one's own.
   *
   * ```ts
   * media: { store: 's3://media/production', endpoint: 'https://s3.example.com', region: 'eu-1', cache: { folder: '/var/cache/vivant', maxBytes: 50e9 } }
   * ```
   *
   * Keys are found as the AWS SDK finds them (AWS_ACCESS_KEY_ID, a profile, the machine's role), or in the variables that `credentials` names.
   */
  readonly media?: MediaConfig
  /** Other values in the place of resources, for tests: `[model.with(fake)]`. */
  readonly resources?: readonly ResourceValue[]
  /** What functions find in `context.secrets`. */
  readonly secrets?: Readonly<Record<string, string>>
  /** The schema of the tables (default `public`). */
  readonly schema?: string
  /** The schema of the live views (default `live`); the first connection to a database decides. */
  readonly live?: string
  /** Default: warnings and errors on stderr. */
  readonly logger?: LoggerLike
  /** Ends the connecting with ABORTED; a database that is connected is closed by `close`. */
  readonly signal?: AbortSignal
}

/** What `resource.with(value)` gives. */
export interface ResourceValue {
  readonly resource: Pick<Resource<unknown>, 'name'>
  readonly value: unknown
}

/**
 * Opens a database. `target` is nothing (embedded, in `./.vivant`), a folder, `'memory:'`, a `postgres://` URL or a `pg.Pool`. On the
 * embedded engine a worker in this process computes what is declared; on a server `vivant worker` does.
 *
 * ```ts
 * await using db = await connect()
 * const posts = await db.createTable('posts', { body: t.text() }).addComputedColumn('words', (post) => wordCount(post.body))
 * ```
 * ```ts
 * import * as pipeline from './pipeline.ts'
 * await using db = await connect(process.env.DATABASE_URL, { define: pipeline })
 * await db.videos.insert([{ title: 'Bangkok' }])
 * ```
 *
 * When it fails nothing is left running.
 *
 * @throws CONFIGURATION_INVALID the target is no folder, no URL of PostgreSQL
 * @throws DIRECTORY_LOCKED another process has the folder open; the message names it
 * @throws DATABASE_UNREACHABLE, EXTENSION_MISSING (pgvector), SCHEMA_NEWER (a newer Vivant made it)
 * @throws NAME_TAKEN, DROP_NOT_ALLOWED and what `apply` throws, with `define`
 */
export async function connect<D extends Definitions = {}>(target?: string | PoolLike, options: ConnectOptions<D> = {}): Promise<Database<D>> {
  checkAborted(options.signal)
  const define: Definitions = options.define ?? {}
  checkNames(define)
  const open = await openRuntime({
    target: await parseTarget(target),
    schema: options.schema ?? 'public',
    live: options.live ?? null,
    worker: options.worker ?? null,
    media: options.media ?? {},
    resources: (options.resources ?? []) as readonly ResourceOverride<unknown>[],
    secrets: options.secrets ?? {},
    log: createLog(options.logger),
  })
  try {
    return await ready<D>(open, define, options)
  } catch (error) {
    await open.close()
    throw error
  }
}

async function ready<D extends Definitions>(open: OpenRuntime, define: Definitions, options: ConnectOptions<D>): Promise<Database<D>> {
  const { signal, allowDrop = false, allowRevert = false } = options
  registerModules(open.runtime.registry, options.modules ?? [])
  const database = new DatabaseImpl(open)
  checkAborted(signal)
  for (const [name, value] of Object.entries(define))
    if (isDefinition(value)) Object.defineProperty(database, name, { enumerable: true, value: createTableHandle(open.runtime, tableDefinition(value)) })
  await database.apply(define, { allowDrop, allowRevert })
  checkAborted(signal)
  await open.startWorker()
  checkAborted(signal)
  return database as unknown as Database<D>
}

/** The types refuse it already; a program in JavaScript is told here. */
function checkNames(define: Definitions): void {
  for (const [name, value] of Object.entries(define)) {
    if (!isDefinition(value) || (name !== 'then' && !(name in DatabaseImpl.prototype))) continue
    throw new VivantError('NAME_TAKEN', `db.${name} is a method: export the definition of '${value.name}' under another name`, {
      details: { definition: name },
    })
  }
}

function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new VivantError('ABORTED', 'connecting was aborted by its signal', { cause: signal.reason })
}

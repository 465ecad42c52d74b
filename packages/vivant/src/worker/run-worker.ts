import { tuneSharp } from '@vivant/media'
import { connect, type ConnectOptions } from '../connect.ts'
import type { Database } from '../database/database.ts'
import { createLog, type LoggerLike } from '../database/logger.ts'
import { loadModules } from './load-modules.ts'

export interface RunWorkerOptions {
  /** A `postgres://` URL, or the folder of an embedded database. */
  readonly target: string
  /** Paths of the modules whose functions it runs. */
  readonly modules: readonly string[]
  /** Also brings the database to the definitions of the modules. */
  readonly define?: boolean
  readonly allowDrop?: boolean
  /** Pools whose functions it runs (default: `default`; all on an embedded database). */
  readonly pools?: readonly string[]
  /** Claims that are settled at once. */
  readonly slots?: number
  readonly media?: ConnectOptions['media']
  readonly schema?: string
  readonly secrets?: Readonly<Record<string, string>>
  readonly logger?: LoggerLike
  /** When it works. */
  readonly onReady?: (database: Database) => void
}

/**
 * A worker process: imports the modules, connects, and computes until SIGTERM or SIGINT. Then it claims nothing more,
 * finishes what is under way (for 30 s at most; the rest goes back), and returns. A second signal ends the process at once:
 * nothing is lost, its tasks are taken by others when their leases run out.
 *
 * @throws CONFIGURATION_INVALID a module that cannot be imported, a target that is none
 * @throws DATABASE_UNREACHABLE, DIRECTORY_LOCKED, SCHEMA_NEWER, and with `define` what `apply` throws
 * @example
 * await runWorker({ target: process.env.DATABASE_URL, modules: ['./pipeline.ts'] })
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const log = createLog(options.logger)
  // the process is ours; a module may set it otherwise
  tuneSharp()
  const stop = new AbortController()
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
      stop.abort(new Error(`the process was asked to end by ${signal}`))
      resolve(signal)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
    stop.signal.addEventListener('abort', () => log.info('The worker drains: it finishes what is under way. A second signal ends it at once.'), { once: true })
  })
  const modules = await loadModules(options.modules)
  const { target, pools, slots, define = false, allowDrop = false } = options
  const database = await connect(target, {
    worker: { ...(pools ? { pools } : {}), ...(slots === undefined ? {} : { slots }) },
    modules,
    ...(define ? { define: Object.assign({}, ...modules) as Readonly<Record<string, never>>, allowDrop } : {}),
    ...(options.media ? { media: options.media } : {}),
    ...(options.schema === undefined ? {} : { schema: options.schema }),
    ...(options.secrets ? { secrets: options.secrets } : {}),
    ...(options.logger ? { logger: options.logger } : {}),
    signal: stop.signal,
  })
  try {
    log.info('The worker is ready.', { pid: process.pid, modules: options.modules, pools: pools ?? ['default'] })
    options.onReady?.(database)
    await stopped
  } finally {
    await database.close()
  }
  log.info('The worker has ended.', { pid: process.pid })
}

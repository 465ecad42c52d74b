import { type Database, runWorker, VivantError } from 'vivant'
import { databaseTarget, type TargetOptions } from '../database-target.ts'
import { mediaStore } from '../media-store.ts'
import { exitCodes } from '../exit-codes.ts'
import { createProgressBar } from '../output/progress-bar.ts'
import { createTextLogger, jsonLogger } from '../output/loggers.ts'

export interface WorkerCommandOptions extends TargetOptions {
  readonly json?: boolean
  readonly define?: boolean
  readonly allowDrop?: boolean
  readonly pools?: string
  readonly slots?: string
  readonly media?: string
  readonly allowRoot?: readonly string[]
  readonly schema?: string
}

/** Computes until it is asked to end. */
export async function workerCommand(modules: readonly string[], options: WorkerCommandOptions): Promise<number> {
  const target = databaseTarget(options)
  const media = { ...mediaStore(options), ...(options.allowRoot ? { allowedRoots: options.allowRoot } : {}) }
  const progress = createProgressBar(process.stderr)
  await runWorker({
    target,
    modules,
    define: options.define === true,
    allowDrop: options.allowDrop === true,
    ...(options.pools === undefined ? {} : { pools: parsePools(options.pools) }),
    ...(options.slots === undefined ? {} : { slots: parseSlots(options.slots) }),
    ...(options.schema === undefined ? {} : { schema: options.schema }),
    media,
    logger: options.json ? jsonLogger : createTextLogger(progress.write),
    // on a terminal, what there is to do when it starts is shown going away
    ...(progress.shown ? { onReady: (database: Database) => void progress.follow(database) } : {}),
  })
  progress.end()
  return exitCodes.ok
}

function parsePools(given: string): readonly string[] {
  const pools = given.split(',').map((pool) => pool.trim())
  if (pools.every((pool) => pool !== '')) return pools
  throw new VivantError('CONFIGURATION_INVALID', `--pools takes names with commas between them, such as default,gpu, not ${JSON.stringify(given)}.`)
}

function parseSlots(given: string): number {
  const slots = Number(given)
  if (Number.isInteger(slots) && slots >= 1 && slots <= 100) return slots
  throw new VivantError('CONFIGURATION_INVALID', `--slots takes a whole number from 1 to 100, not ${JSON.stringify(given)}.`)
}

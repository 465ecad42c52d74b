import { type FunctionSource, Worker } from '@vivant/engine'
import { freeExpiredLeases } from '@vivant/queue'
import type { Database } from '@vivant/storage'
import { MemoryLog, plainEnvironment } from '../function-library.ts'
import { killableDatabase } from './killable-database.ts'

/** A worker of a history: it can be stopped, or killed as a process is. */
export interface HistoryWorker {
  readonly id: string
  /** There may be work. */
  wake(): void
  stop(): Promise<void>
  kill(): Promise<void>
  /** What it said went wrong in the engine itself. */
  errors(): readonly string[]
}

const timing = { leaseSeconds: 20, beatMs: 1000, upkeepMs: 200 }

/** In this process, behind a database that can be cut off. */
export async function startHistoryWorker(database: Database, functions: FunctionSource, pools: readonly string[] | null): Promise<HistoryWorker> {
  const killable = killableDatabase(database)
  const log = new MemoryLog()
  const worker = new Worker({
    database: killable.database,
    url: null,
    functions,
    environment: plainEnvironment(log),
    log,
    timing,
    drainMs: 5000,
    pools: pools ?? null,
  })
  await worker.start()
  return {
    id: worker.id,
    wake: () => worker.wake(),
    stop: () => worker.stop(),
    kill: async () => {
      killable.kill()
      await buryWorkers(database, [worker.id])
    },
    errors: () => log.errors,
  }
}

/** As much time passes as the leases of these workers last, while they say nothing. */
export async function expireLeases(database: Database, owners: readonly string[]): Promise<void> {
  await database.query({ text: `update vivant.task set leased_until = '-infinity' where owner = any($1::uuid[])`, values: [owners] })
  await freeExpiredLeases(database)
}

/** The same for workers that do not come back. */
export async function buryWorkers(database: Database, owners: readonly string[]): Promise<void> {
  await expireLeases(database, owners)
  await database.query({ text: 'delete from vivant.worker where id = any($1::uuid[])', values: [owners] })
}

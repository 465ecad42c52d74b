import { hasOpenRows, type IdBounds, readOpenWork } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { WorkerWatch } from './worker-watch.ts'

/** What is waited for: what was captured up to a number, of rows that there were then. */
export interface AwaitedWork {
  readonly since: number
  /** Null: every table. */
  readonly tableIds: readonly number[] | null
  readonly bounds: IdBounds
}

/** So many tasks are looked into: whether they are of rows that came later. */
const fewTasks = 50

/** A look at how many rows are left, for `waitUntilNone`. NO_WORKER when nobody is there to do them. */
export function openWorkLook(runtime: Runtime, { since, tableIds, bounds }: AwaitedWork): () => Promise<number> {
  const { database } = runtime
  const watch = WorkerWatch.ofWork(runtime, since, tableIds)
  return async () => {
    const work = await readOpenWork(database, since, tableIds)
    if (!work.tasks && !work.backfills) return 0
    if (!work.backfills && work.tasks <= fewTasks && !(await hasOpenRows(database, since, tableIds, bounds))) return 0
    await watch.check()
    return Math.max(1, work.rows)
  }
}

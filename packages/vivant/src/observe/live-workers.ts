import { builtInFunction, walkNodes } from '@vivant/core'
import { type CellColumn, readWorkers, servingPool, type SqlClient, type WorkerRow } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

/** A worker whose heartbeat is older than this is taken for dead: its leases have run out. */
const freshMs = 30_000

/** Workers that live. Where one process owns the data, only its own can: rows of others are left over from a crash. */
export async function liveWorkers(runtime: Runtime, client: SqlClient = runtime.database): Promise<readonly WorkerRow[]> {
  const workers = await readWorkers(client)
  if (runtime.database.profile.singleProcess) return workers.filter((worker) => worker.id === runtime.worker?.id)
  return workers.filter((worker) => worker.seenAgoMs < freshMs)
}

/** A worker of every pool says `*`. */
export function servesPool(worker: WorkerRow, pool: string): boolean {
  return worker.pools.includes(servingPool(pool)) || worker.pools.includes('*')
}

/** A function that a column calls. */
export interface NeededFunction {
  readonly name: string
  readonly hash: string
}

export function functionsOfColumn(column: CellColumn): readonly NeededFunction[] {
  const nodes = [column.expression, ...(column.condition ? [column.condition] : [])].flatMap((node) => [...walkNodes(node)])
  const needed = nodes.flatMap((node) => (node.node === 'call' && !builtInFunction(node) ? [node.function] : []))
  return [...new Map(needed.map((entry) => [`${entry.name}@${entry.hash}`, entry])).values()]
}

/** Why no live worker can compute a column; null when one can. */
export interface NoWorkerReason {
  readonly pool: string
  /** Whether any worker serves the pool. */
  readonly poolServed: boolean
  /** Functions that none of the pool's workers has. */
  readonly functions: readonly NeededFunction[]
  /** Those of them that some worker knows with other code. */
  readonly otherCode: readonly string[]
}

export function noWorkerReason(workers: readonly WorkerRow[], column: CellColumn): NoWorkerReason | null {
  const serving = workers.filter((worker) => servesPool(worker, column.pool))
  const needed = functionsOfColumn(column)
  if (serving.some((worker) => needed.every(({ name, hash }) => worker.functions[name] === hash))) return null
  const missing = needed.filter(({ name, hash }) => !serving.some((worker) => worker.functions[name] === hash))
  return {
    pool: column.pool,
    poolServed: serving.length > 0,
    functions: missing.length ? missing : needed,
    otherCode: missing.filter(({ name }) => serving.some((worker) => worker.functions[name] !== undefined)).map(({ name }) => name),
  }
}

export function describeNoWorker(column: string, reason: NoWorkerReason): string {
  if (!reason.poolServed) return `"${column}" needs a worker of the pool "${reason.pool}", and none lives`
  const names = reason.functions.map(({ name }) => name).join(', ')
  if (reason.otherCode.length) return `"${column}" needs ${names}, of which the workers have other code: ${reason.otherCode.join(', ')}`
  return `"${column}" needs ${names}, which no worker of the pool "${reason.pool}" has`
}

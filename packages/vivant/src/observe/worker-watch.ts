import { VivantError } from '@vivant/core'
import { type CellColumn, readTables, readWaitingWork, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { visibleName } from './count-run.ts'
import { describeNoWorker, liveWorkers, noWorkerReason, type NoWorkerReason, servesPool } from './live-workers.ts'

/** How often is looked whether somebody can do what is waited for, and how long nobody may be there: a worker may be starting. */
const lookEveryMs = 250
const graceMs = 1000

interface LackingColumn {
  readonly name: string
  readonly reason: NoWorkerReason
}

/** Tells, while something is waited for, when nobody is there to do it: NO_WORKER. */
export class WorkerWatch {
  readonly #lacking: () => Promise<readonly LackingColumn[]>
  readonly #startedAt = performance.now()
  #lookedAt = performance.now()
  #lackingSince: number | null = null

  private constructor(lacking: () => Promise<readonly LackingColumn[]>) {
    this.#lacking = lacking
  }

  /** Over all work that was captured up to `since`. */
  static ofWork(runtime: Runtime, since: number, tableIds: readonly number[] | null): WorkerWatch {
    return new WorkerWatch(() => lackingForWork(runtime, since, tableIds))
  }

  /** Over columns of one table. */
  static ofColumns(runtime: Runtime, model: TableModel, columns: () => readonly CellColumn[]): WorkerWatch {
    return new WorkerWatch(async () => {
      const workers = await liveWorkers(runtime)
      return columns().flatMap((column) => {
        const reason = noWorkerReason(workers, column)
        return reason ? [{ name: `${model.name}.${visibleName(column)}`, reason }] : []
      })
    })
  }

  /** Called with every look at the work. */
  async check(): Promise<void> {
    const now = performance.now()
    // the first look comes soon, the others now and then
    if (now - this.#lookedAt < (now - this.#startedAt < lookEveryMs ? lookEveryMs / 5 : lookEveryMs)) return
    this.#lookedAt = now
    const lacking = await this.#lacking()
    if (!lacking.length) {
      this.#lackingSince = null
      return
    }
    this.#lackingSince ??= now
    if (now - this.#lackingSince >= graceMs) throw noWorker(lacking)
  }
}

async function lackingForWork(runtime: Runtime, since: number, tableIds: readonly number[] | null): Promise<readonly LackingColumn[]> {
  const workers = await liveWorkers(runtime)
  const waiting = await readWaitingWork(
    runtime.database,
    since,
    tableIds,
    workers.map((worker) => worker.id),
  )
  if (!waiting.length) return []
  const models = await readTables(runtime.database)
  const lacking = new Map<string, LackingColumn>()
  for (const part of waiting) {
    const model = models.find(({ id }) => id === part.tableId)
    const columns =
      model?.cells.filter((column) => column.state === 'active' && column.pool === part.pool && (part.columns === null || part.columns.includes(column.id))) ??
      []
    // a worker of the pool takes a task for all its columns, and leaves one that names those it cannot run
    if (part.columns === null && workers.some((worker) => servesPool(worker, part.pool))) continue
    const reasons = columns.map((column) => ({ name: `${model!.name}.${visibleName(column)}`, reason: noWorkerReason(workers, column) }))
    if (reasons.some(({ reason }) => reason === null)) continue
    for (const { name, reason } of reasons) lacking.set(name, { name, reason: reason! })
  }
  return [...lacking.values()]
}

function noWorker(lacking: readonly LackingColumn[]): VivantError {
  const list = lacking.slice(0, 5).map(({ name, reason }) => describeNoWorker(name, reason))
  const more = lacking.length > 5 ? `; and ${lacking.length - 5} more columns` : ''
  return new VivantError(
    'NO_WORKER',
    `No live worker can compute what is waited for: ${list.join('; ')}${more}. Start one with the module that defines the functions (vivant worker ./pipeline.ts), or connect with { worker: true }. The cells wait, nothing is lost.`,
    {
      details: {
        columns: lacking.map(({ name }) => name),
        functions: [...new Set(lacking.flatMap(({ reason }) => reason.functions.map(({ name }) => name)))],
        pools: [...new Set(lacking.flatMap(({ reason }) => (reason.poolServed ? [] : [reason.pool])))],
      },
    },
  )
}

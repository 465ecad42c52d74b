import { setTimeout as sleep } from 'node:timers/promises'
import {
  claimsUntilBlamed,
  claimsUntilIsolated,
  claimsUntilSplit,
  deferTasks,
  deleteTasks,
  markSuspect,
  releaseTasks,
  splitTask,
  type Claim,
  type Task,
} from '@vivant/queue'
import {
  activeCells,
  cellById,
  failCells,
  fanOut,
  fanoutPool,
  followTable,
  isExpansionPool,
  isGroupPool,
  readTable,
  repairDrift,
  rowsWithinLists,
  sweepCells,
  systemPool,
  type TableModel,
  type TaskToInsert,
} from '@vivant/storage'
import type { EngineContext } from '../engine-context.ts'
import { processChunk, type ChunkOutcome, type ChunkRequest } from '../evaluate/process-chunk.ts'
import { processExpansions } from '../evaluate/process-expansions.ts'
import { processGroups } from './process-groups.ts'
import { stopColumns } from './stop-columns.ts'
import { rowSinces } from './row-sinces.ts'
import type { CatalogCache } from './catalog-cache.ts'
import type { Pace } from './pace.ts'

/** About how long a chunk may take: what a crash loses, and how old its load gets. */
const chunkMs = 1000
const maxChunkRows = 2000

export interface ClaimWork {
  readonly context: EngineContext
  readonly catalog: CatalogCache
  readonly pace: Pace
  readonly signal: AbortSignal
}

/** Settles the rows of a claim, chunk by chunk, and ends its tasks with the last. Gives the number of function calls. */
export async function processClaim(work: ClaimWork, claim: Claim): Promise<number> {
  const { context } = work
  const taskIds = claim.tasks.map((task) => task.id)
  let model: TableModel | null = null
  try {
    model = await work.catalog.table(claim.tableId, claim.schemaVersion)
    if (!model) {
      await deleteTasks(context.database, context.owner, taskIds)
      return 0
    }
    if (claim.pool === systemPool) {
      await sweepCells(context.database, model, { owner: context.owner, tasks: taskIds, ids: idsOf(claim.tasks) })
      return 0
    }
    if (claim.pool === fanoutPool) {
      const since = Math.min(...claim.tasks.map((task) => task.since))
      await fanOut(context.database, model, { owner: context.owner, tasks: taskIds, ids: idsOf(claim.tasks), since })
      return 0
    }
    if (isGroupPool(claim.pool)) return await processGroups(work, model, claim)
    // what is suspected comes alone
    return claim.tasks[0]!.claims < claimsUntilSplit ? await processTasks(work, model, claim, claim.tasks) : await isolate(work, model, claim, claim.tasks[0]!)
  } catch (error) {
    await giveBack(work, claim, model, error)
    return 0
  }
}

async function processTasks(work: ClaimWork, model: TableModel, claim: Claim, tasks: readonly Task[]): Promise<number> {
  const { context, catalog, pace, signal } = work
  const plan = catalog.plan(model, claim.pool)
  const [forced, forcedLater] = forcedColumns(model, tasks)
  const ids = idsOf(tasks)
  const sinces = rowSinces(tasks)
  const key = `${model.id} ${claim.pool}`
  let [putBack, insertTasks, calls]: [readonly number[], readonly TaskToInsert[], number] = [[], [], 0]
  if (forcedLater.length) insertTasks = [{ pool: claim.pool, kind: 'fresh', ids, columns: forcedLater, forced: true, delayMs: null }]
  for (let at = 0; at < ids.length;) {
    signal.throwIfAborted()
    const size = pace.rows(key, chunkMs, maxChunkRows)
    const wanted = ids.slice(at, at + size)
    const rows = wanted.slice(0, await rowsWithinLists(context.database, plan, wanted))
    at += rows.length
    const began = performance.now()
    const outcome = await settleChunk(work, {
      model,
      plan,
      pool: claim.pool,
      tasks: tasks.map((task) => task.id),
      ids: rows,
      forced,
      since: Math.min(...tasks.map((task) => task.since)),
      sinces,
      final: at >= ids.length,
      putBack,
      insertTasks,
      signal,
    })
    pace.record(key, rows.length, performance.now() - began, outcome.bytes, outcome.startMs)
    calls += outcome.calls
    if (!outcome.accepted) {
      // a lost lease is somebody else's work now; a new schema version is read again
      catalog.forget(model.id)
      await releaseTasks(
        context.database,
        context.owner,
        tasks.map((task) => task.id),
      )
      return calls
    }
    ;({ putBack, insertTasks } = outcome)
    if (outcome.failed.size) await stopColumns(context, model, outcome.failed)
  }
  return calls
}

function settleChunk({ context, catalog }: ClaimWork, request: ChunkRequest): Promise<ChunkOutcome> {
  return isExpansionPool(request.pool) ? processExpansions(context, request, (column) => catalog.viewOf(column)) : processChunk(context, request)
}

/** A cell that is run again is written alone (rule 28), so what is forced as well and reads it has its turn in a task of its own. */
function forcedColumns(model: TableModel, tasks: readonly Task[]): [now: ReadonlySet<number>, later: readonly number[]] {
  const all = new Set(tasks[0]!.forced ? tasks.flatMap((task) => task.columns ?? []) : [])
  const readsForced = (id: number): boolean => cellById(model, id).cellInputs.some((input) => all.has(input) || readsForced(input))
  const later = [...all].filter((id) => model.cells.some((cell) => cell.id === id) && readsForced(id))
  return [new Set([...all].filter((id) => !later.includes(id))), later]
}

function idsOf(tasks: readonly Task[]): number[] {
  if (tasks.length === 1) return [...tasks[0]!.ids]
  return [...new Set(tasks.flatMap((task) => task.ids))].toSorted((left, right) => left - right)
}

/** A task that seems to kill its workers: split down to the row, then run column by column, the suspect's name written down first. */
async function isolate(work: ClaimWork, model: TableModel, claim: Claim, task: Task): Promise<number> {
  if (task.ids.length === 1) return task.claims < claimsUntilIsolated ? processTasks(work, model, claim, [task]) : runAlone(work, model, claim, task)
  await splitTask(work.context.database, work.context.owner, task)
  return 0
}

async function runAlone(work: ClaimWork, model: TableModel, claim: Claim, task: Task): Promise<number> {
  const { context, catalog, signal } = work
  const active = activeCells(model, claim.pool)
  // who was there at the last death has its second chance first
  const columns = [...active.filter(({ id }) => id === task.suspect), ...active.filter(({ id }) => id !== task.suspect)]
  if (!columns.length) await deleteTasks(context.database, context.owner, [task.id])
  if (task.suspect !== null && task.claims >= claimsUntilBlamed) {
    const column = columns.find((entry) => entry.id === task.suspect)
    if (column)
      await failCells(context.database, model, column, {
        owner: context.owner,
        task: task.id,
        ids: task.ids,
        error: { code: 'WORKER_DIED', message: `The process that computed this cell died each time that it ran.` },
      })
    await markSuspect(context.database, context.owner, task.id, null)
  }
  let calls = 0
  for (const column of columns) {
    if (!(await markSuspect(context.database, context.owner, task.id, column.id))) return calls
    const outcome = await settleChunk(work, {
      model,
      plan: catalog.plan(model, claim.pool),
      pool: claim.pool,
      tasks: [task.id],
      ids: task.ids,
      forced: new Set(task.forced ? task.columns : []),
      since: task.since,
      sinces: null,
      final: column === columns.at(-1),
      // what this row's other columns need is settled by an ordinary task
      putBack: task.ids,
      insertTasks: [],
      signal,
      onlyColumn: column.id,
    })
    calls += outcome.calls
    if (!outcome.accepted) {
      // nobody died: the suspicion goes with the lease
      catalog.forget(model.id)
      await releaseTasks(context.database, context.owner, [task.id])
      return calls
    }
  }
  return calls
}

const releaseAttempts = 6

/** Errors that say nothing about the rows: other transactions, the connection, our own shutdown. */
const passing: ReadonlySet<string> = new Set(['40P01', '40001', '55P03', '57P01', '57P03', '08006', '08003', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE'])

/** A column or table is not there, or not under this name any more: the user changed his table by SQL, or the catalog is older than the database. */
const drifted: ReadonlySet<string> = new Set(['42703', '42P01'])

async function giveBack({ context, catalog, signal }: ClaimWork, claim: Claim, model: TableModel | null, error: unknown): Promise<void> {
  const { code, message } = error as { code?: string; message?: string }
  const taskIds = claim.tasks.map((task) => task.id)
  const isDrift = drifted.has(code ?? '')
  const ours = signal.aborted || passing.has(code ?? '') || /connection/iu.test(message ?? '') || (isDrift && (await isBehind(context, model)))
  const isFollowed = isDrift && !ours && (await follow(context, claim.tableId))
  if (!ours && !isFollowed)
    context.log.error('A batch failed in the engine itself; its rows are tried again.', { table: claim.tableId, pool: claim.pool, error: message, code })
  catalog.forget(claim.tableId)
  // a broken connection is replaced at the next try; without one, the leases run out
  for (let attempt = 1; ; attempt++) {
    try {
      await (ours ? releaseTasks : deferTasks)(context.database, context.owner, taskIds)
      return
    } catch (releaseError) {
      if (attempt === releaseAttempts) {
        context.log.warn('Tasks could not be given back; their leases run out.', { error: (releaseError as Error).message })
        return
      }
      await sleep(100 * attempt)
    }
  }
}

/** The table was declared otherwise after this worker read the catalog: a column that it knows was dropped. */
async function isBehind({ database }: EngineContext, model: TableModel | null): Promise<boolean> {
  try {
    return model !== null && (await readTable(database, model.id))?.schemaVersion !== model.schemaVersion
  } catch {
    return false
  }
}

/** Brings the catalog to the table as it is, and to those that it reads; false when that cannot be done now. */
async function follow({ database }: EngineContext, tableId: number): Promise<boolean> {
  try {
    // it may read another table under a name that this one has no more
    await repairDrift(database)
    await followTable(database, tableId)
    return true
  } catch {
    return false
  }
}

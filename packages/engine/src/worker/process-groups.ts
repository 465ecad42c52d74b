import { claimsUntilBlamed, claimsUntilSplit, releaseTasks, splitTask, type Claim, type Task } from '@vivant/queue'
import { activeCells, commitCells, type HistoryColumn, isHistoryColumn, readBusyGroups, type TableModel, type TaskToInsert, touchRows } from '@vivant/storage'
import { processGroup } from '../evaluate/process-group.ts'
import { canRun } from './catalog-cache.ts'
import type { ClaimWork } from './process-claim.ts'
import { stopColumns } from './stop-columns.ts'

const pieceMs = 1000
const maxPieceRows = 500
/** Earlier rows that the rows of one piece hold beside each other. */
const maxHeldEntries = 200_000
/** When a group that another worker has in hand is looked at again, and one that others were faster with. */
const laterMs = 50

/** What is known of rows becomes known of groups; groups are brought up to date one after the other. Gives the number of function calls. */
export async function processGroups(work: ClaimWork, model: TableModel, claim: Claim): Promise<number> {
  const tasks = claim.tasks.filter(({ kind }) => kind === 'group')
  await touchAll(work, model, claim.tasks)
  const [first] = tasks
  if (!first) return 0
  if (first.claims >= claimsUntilSplit && first.ids.length > 1) {
    await splitTask(work.context.database, work.context.owner, first)
    return 0
  }
  return settleGroups(work, model, claim.pool, tasks)
}

/** Tasks that name rows: of cells that changed, of backfills. */
async function touchAll({ context }: ClaimWork, model: TableModel, tasks: readonly Task[]): Promise<void> {
  for (const { id, pool, ids, columns, since, kind } of tasks)
    if (kind !== 'group')
      await touchRows(context.database, model, { pool, owner: context.owner, tasks: [id], ids, columns, since, changed: kind !== 'backfill' })
}

async function settleGroups(work: ClaimWork, model: TableModel, pool: string, tasks: readonly Task[]): Promise<number> {
  const { context, catalog, pace, signal } = work
  const ids = tasks.map(({ id }) => id)
  const since = Math.min(...tasks.map((task) => task.since))
  const insertTasks: TaskToInsert[] = []
  let calls = 0
  for (const [column, wanted] of byColumn(model, pool, tasks)) {
    const busy = await readBusyGroups(context.database, model, column, { tasks: ids, groups: wanted })
    const later: number[] = [...busy]
    const left: number[] = canRun(context.functions, column) ? [] : [...wanted]
    const key = `${model.id} ${pool} ${column.id}`
    const isSuspected = tasks[0]!.claims >= claimsUntilSplit
    let hasFailed = false
    if (!left.length)
      for (const group of wanted) {
        if (busy.has(group)) continue
        const outcome = await processGroup(context, {
          model,
          column,
          plan: catalog.plan(model, pool),
          group,
          tasks: ids,
          since,
          // row by row, where one may kill the worker: what comes before it is then committed
          pieceRows: () => (isSuspected ? 1 : Math.min(pace.rows(key, pieceMs, maxPieceRows), Math.max(16, Math.floor(maxHeldEntries / column.history.last)))),
          record: (rows, ms) => pace.record(key, rows, ms, 0),
          blame: tasks[0]!.claims >= claimsUntilBlamed,
          signal,
        })
        calls += outcome.calls
        hasFailed ||= outcome.hasFailed
        if (outcome.end === 'rejected') {
          catalog.forget(model.id)
          await releaseTasks(context.database, context.owner, ids)
          return calls
        }
        if (outcome.end === 'later') later.push(group)
        if (outcome.end === 'code') left.push(group)
      }
    if (hasFailed) await stopColumns(context, model, new Set([column.id]))
    const put = (groups: readonly number[], delayMs: number | null): void => {
      if (groups.length) insertTasks.push({ pool, kind: 'group', ids: groups, columns: [column.id], delayMs })
    }
    put(later, laterMs)
    put(left, null)
  }
  const { accepted } = await commitCells(context.database, {
    model,
    pool,
    owner: context.owner,
    tasks: ids,
    final: true,
    returnSeqs: false,
    writes: [],
    putBack: [],
    since,
    sinces: null,
    insertTasks,
  })
  if (!accepted) {
    catalog.forget(model.id)
    await releaseTasks(context.database, context.owner, ids)
  }
  return calls
}

/** Each column with its groups, once. Of a column that is gone or paused nothing is done: its resumption looks at all. */
function byColumn(model: TableModel, pool: string, tasks: readonly Task[]): ReadonlyMap<HistoryColumn, readonly number[]> {
  const columns = activeCells(model, pool).filter(isHistoryColumn)
  return new Map(
    columns.flatMap((column): [HistoryColumn, readonly number[]][] => {
      const groups = [...new Set(tasks.flatMap((task) => (task.columns?.includes(column.id) ? task.ids : [])))]
      return groups.length ? [[column, groups]] : []
    }),
  )
}

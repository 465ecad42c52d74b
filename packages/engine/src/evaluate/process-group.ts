import { commitGroup, type HistoryColumn, loadGroup, type LoadPlan, type TableModel } from '@vivant/storage'
import { wakeWorkers } from '@vivant/queue'
import type { EngineContext } from '../engine-context.ts'
import { GroupPiece } from './group-piece.ts'

/** Times that a group is looked at again because somebody else was faster, before it is left for later. */
const maxOvertaken = 5

export interface GroupRequest {
  readonly model: TableModel
  readonly column: HistoryColumn
  readonly plan: LoadPlan
  readonly group: number
  readonly tasks: readonly number[]
  readonly since: number
  /** Rows of the next piece. */
  readonly pieceRows: () => number
  /** What a piece took. */
  readonly record: (rows: number, ms: number) => void
  /** The first row that would be run killed its workers. */
  readonly blame: boolean
  readonly signal: AbortSignal
}

export interface GroupOutcome {
  /** `waits`: what it waits for brings its own task; `later`: a task is to be put back; `rejected`: the leases or the schema were lost. */
  readonly end: 'done' | 'waits' | 'code' | 'later' | 'rejected'
  readonly calls: number
  readonly hasFailed: boolean
}

/** Brings one group up to date, piece by piece: each is loaded and committed by itself, so a crash loses no more than one. */
export async function processGroup(context: EngineContext, request: GroupRequest): Promise<GroupOutcome> {
  const { model, column, group, tasks, since, signal } = request
  let [calls, overtaken, hasFailed, followed] = [0, 0, false, false]
  const ended = async (end: GroupOutcome['end']): Promise<GroupOutcome> => {
    // workers of other pools may be asleep
    if (followed) await wakeWorkers(context.database)
    return { end, calls, hasFailed }
  }
  for (;;) {
    signal.throwIfAborted()
    const began = performance.now()
    const rows = request.pieceRows()
    // one more, to know where the next piece begins
    const loaded = await loadGroup(context.database, model, column, { plan: request.plan, group, rows: rows + 1 })
    if (!loaded) return ended('done')
    const {
      waits,
      calls: pieceCalls,
      rows: pieceRows,
      ...piece
    } = await new GroupPiece(context, model, column, loaded, { rows, blame: request.blame, signal }).evaluate()
    calls += pieceCalls
    hasFailed ||= piece.writes.some(({ status }) => status === 'failed')
    const result = await commitGroup(context.database, {
      model,
      column,
      group,
      owner: context.owner,
      tasks,
      since,
      token: loaded.token,
      commits: loaded.commits,
      start: loaded.events[0]?.place ?? null,
      ...piece,
    })
    request.record(pieceRows, performance.now() - began)
    if (result === 'rejected') return ended('rejected')
    followed ||= result === 'followed'
    if (result === 'overtaken') {
      // where it waits, nothing has changed since it was last looked at
      if (waits && piece.writes.length === 0) return ended(waits === 'code' ? 'code' : 'waits')
      if (++overtaken > maxOvertaken) return ended('later')
      continue
    }
    if (waits) return ended(waits === 'code' ? 'code' : 'waits')
    if (request.blame && piece.writes.length > 0) return ended('later')
  }
}

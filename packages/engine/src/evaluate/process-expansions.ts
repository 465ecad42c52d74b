import { encodeJson, type RetryPolicy } from '@vivant/core'
import {
  activeCells,
  type CellBatch,
  type CellColumn,
  clearChildren,
  type Clearing,
  commitCells,
  commitExpansions,
  type ExpansionCommit,
  type ExpansionPiece,
  type ExpansionWrite,
  loadCells,
  type TableModel,
  madeOrder,
} from '@vivant/storage'
import { contentOf, ExpandingRow } from '../functions/expanding-row.ts'
import { failureOf } from '../functions/failure.ts'
import type { EngineContext } from '../engine-context.ts'
import type { ColumnResult } from './column-result.ts'
import type { ChunkOutcome, ChunkRequest } from './process-chunk.ts'
import { retryDelay, runColumn, tokenOf, type ChunkState } from './run-column.ts'

/** Rows of a view that one transaction writes: a user's delete of a parent waits for no more. */
const commitRows = 2000
const commitsAtOnce = 2

/** What becomes of rows that are not written: nothing comes of them. */
const noRows: ExpansionPiece = { from: 0, rows: [], last: true }

/**
 * From load to commit for some rows of a parent: what its views' iterators make of them. Many small lists share a commit, a
 * long one is committed piece by piece.
 */
export async function processExpansions(
  context: EngineContext,
  request: ChunkRequest,
  viewOf: (column: CellColumn) => TableModel | undefined,
): Promise<ChunkOutcome> {
  const batch = await loadCells(context.database, request.plan, request.ids)
  const state: ChunkState = { model: request.model, batch, forced: request.forced, results: new Map(), signal: request.signal }
  const locked = new Map<number, number>()
  const notRunnable = new Set<number>()
  const failed = new Set<number>()
  let [accepted, calls, bytes] = [true, 0, 0]
  for (const column of activeCells(request.model, request.pool)) {
    if (!accepted || (request.onlyColumn !== undefined && column.id !== request.onlyColumn)) continue
    const view = viewOf(column)
    if (!view) {
      // declared after this worker has read the catalog
      notRunnable.add(column.id)
      continue
    }
    const kept = keptLists(context, batch, column)
    const result = await runColumn(context, { ...state, atHand: kept }, column)
    state.results.set(column.id, result)
    calls += result.calls
    const run = new ExpansionRun(context, request, state, { column, view, result, kept })
    accepted = await run.commit()
    for (const [id, delayMs] of run.held(request.ids)) locked.set(id, Math.max(delayMs, locked.get(id) ?? 0))
    bytes += run.bytes
    if (run.hasFailed) failed.add(column.id)
    if (result.notRunnable.includes(1)) notRunnable.add(column.id)
  }
  const insertTasks = [
    ...request.insertTasks,
    ...lockedTasks(request.pool, locked),
    ...(notRunnable.size ? [{ pool: request.pool, kind: 'fresh' as const, ids: batch.ids, columns: [...notRunnable], delayMs: null }] : []),
  ]
  if (accepted && request.final) ({ accepted } = await endTasks(context, request, insertTasks))
  return { accepted, putBack: request.putBack, insertTasks, calls, bytes, startMs: 0, failed }
}

/** What was made of rows that could not be written then, by their place in the batch. */
function keptLists({ lockedRows }: EngineContext, batch: CellBatch, column: CellColumn): ReadonlyMap<number, ExpansionWrite> {
  const cells = batch.cells.get(column.id)!
  return new Map(
    batch.ids.flatMap((id, row) => {
      const write = lockedRows.listOf(column, id, tokenNow(batch, column, row), cells, row)
      return write ? [[row, write] as const] : []
    }),
  )
}

function tokenNow(batch: CellBatch, column: CellColumn, row: number): number {
  const inputs = column.cellInputs.map((id) => batch.cells.get(id)!)
  return inputs.reduce((token, input) => tokenOf(token, input.status[row] === null ? 0 : input.seq[row]!), batch.revisions.get(column.id)![row]!)
}

/** A task for the rows of each delay. */
function lockedTasks(pool: string, locked: ReadonlyMap<number, number>): ChunkOutcome['insertTasks'] {
  const delays = [...new Set(locked.values())]
  return delays.map((delayMs) => {
    const ids = [...locked].flatMap(([id, delay]) => (delay === delayMs ? [id] : []))
    return { pool, kind: 'fresh', ids: ids.toSorted((left, right) => left - right), columns: null, delayMs }
  })
}

async function endTasks(context: EngineContext, request: ChunkRequest, insertTasks: ChunkOutcome['insertTasks']): Promise<{ readonly accepted: boolean }> {
  const { model, pool, tasks, putBack, since, sinces } = request
  return commitCells(context.database, {
    model,
    pool,
    owner: context.owner,
    tasks,
    final: true,
    returnSeqs: false,
    writes: [],
    putBack,
    since,
    sinces,
    insertTasks,
  })
}

class ExpansionRun {
  readonly #locked = new Map<number, ExpansionWrite>()
  hasFailed = false
  /** About as much as the pieces hold. */
  bytes = 0
  readonly #context: EngineContext
  readonly #request: ChunkRequest
  readonly #state: ChunkState
  readonly #column: CellColumn
  readonly #view: TableModel
  readonly #result: ColumnResult
  /** Lists that were made before, by row. */
  readonly #kept: ReadonlyMap<number, ExpansionWrite>

  constructor(
    context: EngineContext,
    request: ChunkRequest,
    state: ChunkState,
    parts: {
      readonly column: CellColumn
      readonly view: TableModel
      readonly result: ColumnResult
      readonly kept: ReadonlyMap<number, ExpansionWrite>
    },
  ) {
    this.#context = context
    this.#request = request
    this.#state = state
    this.#column = parts.column
    this.#view = parts.view
    this.#result = parts.result
    this.#kept = parts.kept
  }

  /** Of rows that a user has locked, when each is looked at again; all others are let go. */
  held(ids: readonly number[]): ReadonlyMap<number, number> {
    const { batch } = this.#state
    const cells = batch.cells.get(this.#column.id)!
    const delays = new Map<number, number>()
    for (const id of ids) {
      const write = this.#locked.get(id)
      if (write) delays.set(id, this.#context.lockedRows.hold(this.#column, id, isWhole(write) ? write : null, cells, batch.ids.indexOf(id)))
      else this.#context.lockedRows.release(this.#column, id)
    }
    return delays
  }

  /** False when the leases or the schema were lost. */
  async commit(): Promise<boolean> {
    try {
      return await this.#commitRows()
    } finally {
      for (const value of this.#result.values) if (value instanceof ExpandingRow) value.close()
    }
  }

  async #commitRows(): Promise<boolean> {
    const batches: ExpansionWrite[][] = []
    let size = commitRows
    const long: { readonly expanding: ExpandingRow; readonly first: ExpansionWrite }[] = []
    for (let row = 0; row < this.#state.batch.ids.length; row++) {
      const kept = this.#kept.get(row)
      if (!kept && !this.#result.write[row]) continue
      const write = kept ?? this.#write(row)
      const value = this.#result.values[row]
      if (value instanceof ExpandingRow && !value.piece.last) {
        long.push({ expanding: value, first: write })
        continue
      }
      if (size >= commitRows) {
        batches.push([])
        size = 0
      }
      batches.at(-1)!.push(write)
      size += 1 + (write.piece?.rows.length ?? 0)
    }
    if (!(await this.#commitBatches(batches))) return false
    for (const { expanding, first } of long) if (!(await this.#commitPieces(expanding, first))) return false
    return true
  }

  /** Some beside each other: the database writes one while the next is on its way. */
  async #commitBatches(batches: readonly (readonly ExpansionWrite[])[]): Promise<boolean> {
    const left = batches.values()
    const commitNext = async (): Promise<boolean> => {
      for (const writes of left) if (!(await this.#commit(writes))) return false
      return true
    }
    const ends = await Promise.all(Array.from({ length: commitsAtOnce }, commitNext))
    return ends.every(Boolean)
  }

  #commitOf(): Omit<ExpansionCommit, 'writes'> {
    const { model, tasks, since } = this.#request
    return { model, view: this.#view, column: this.#column, owner: this.#context.owner, tasks, since }
  }

  /** Rows that passed the fence; null when the leases or the schema were lost. */
  async #commit(writes: readonly ExpansionWrite[]): Promise<readonly number[] | null> {
    const result = await commitExpansions(this.#context.database, { ...this.#commitOf(), writes })
    if (!result.accepted) return null
    const written = [...result.written]
    for (const write of writes) {
      if (result.locked.includes(write.id)) this.#locked.set(write.id, write)
      if (!result.crowded.includes(write.id)) continue
      const ended = await this.#commitCrowded(write)
      if (!ended) return null
      written.push(...ended)
    }
    return written
  }

  /** The end of a list that is much shorter than the one before: first its rows, then what is left of the other, then that it is all. */
  async #commitCrowded(write: ExpansionWrite): Promise<readonly number[] | null> {
    const piece = write.piece ?? noRows
    const end = piece.from + piece.rows.length
    const unfinished = { ...write, status: 'partial', count: end, info: null, retryDelayMs: null, piece: { ...piece, last: false } } as const
    const begun = await this.#commit([unfinished])
    if (!begun?.length) return begun
    for (let clearing: Clearing = 'more'; clearing === 'more';) {
      this.#request.signal.throwIfAborted()
      clearing = await clearChildren(this.#context.database, { ...this.#commitOf(), writes: [{ ...unfinished, behind: end }] })
      if (clearing === 'lost') return null
      if (clearing === 'locked') this.#locked.set(write.id, unfinished)
      if (clearing === 'locked' || clearing === 'overtaken') return []
    }
    return this.#commit([{ ...write, behind: end, piece: { from: end, rows: [], last: true } }])
  }

  /** A list that is longer than a piece. Who is overtaken on the way stops: the other's task covers the row. */
  async #commitPieces(expanding: ExpandingRow, first: ExpansionWrite): Promise<boolean> {
    for (let write = first; ; write = { ...first, ...this.#progress(expanding), behind: expanding.piece.from }) {
      const written = await this.#commit([write])
      if (!written) return false
      if (!written.length || expanding.piece.last) return true
      try {
        await expanding.next()
      } catch (error) {
        if (this.#request.signal.aborted) throw error
        return this.#failLater({ ...first, behind: write.count }, expanding.retry, error)
      }
    }
  }

  /** The iterator threw behind its first piece. Another attempt starts from the beginning, and finds those rows there. */
  async #failLater(write: ExpansionWrite, retry: RetryPolicy, error: unknown): Promise<boolean> {
    const failure = failureOf(error)
    const info = { error: failure.error, worker: this.#context.owner }
    const policy = this.#column.options.retry ?? retry
    const attempt = write.attempts + 1
    const again = failure.transient && attempt < policy.attempts
    this.hasFailed ||= !again
    const ending = again
      ? ({ status: 'error', piece: null, retryDelayMs: retryDelay(policy, attempt, failure.delayMs) } as const)
      : ({ status: 'failed', piece: noRows } as const)
    return (await this.#commit([{ ...write, ...ending, count: null, info }])) !== null
  }

  #write(row: number): ExpansionWrite {
    const { batch } = this.#state
    const status = this.#result.status[row]!
    if (status === 'failed') this.hasFailed = true
    return {
      id: batch.ids[row]!,
      token: tokenNow(batch, this.#column, row),
      attempts: this.#result.attempts[row]!,
      argumentHash: this.#result.argumentHashes?.[row] ?? null,
      info: this.#result.infos?.[row] ?? null,
      retryDelayMs: this.#result.retryDelaysMs?.[row] ?? null,
      behind: null,
      ...(status === 'ok' ? this.#progress(this.#result.values[row]) : { status, count: null, piece: status === 'error' ? null : noRows }),
    }
  }

  #progress(value: unknown): Pick<ExpansionWrite, 'status' | 'count' | 'piece'> {
    // equal arguments: the rows of the view are what they were
    if (typeof value === 'number') return { status: 'ok', count: value, piece: null }
    // null: the iterator was not called, as an argument that it needs is null
    const items = (value ?? []) as readonly Readonly<Record<string, unknown>>[]
    const piece = value instanceof ExpandingRow ? value.piece : this.#wholePiece(items)
    this.bytes += value instanceof ExpandingRow ? value.pieceBytes * 2 : piece.rows.length * 256
    return { status: piece.last ? 'ok' : 'partial', count: piece.from + piece.rows.length, piece }
  }

  /** A list that an expression gave: the one row of a view that only filters. */
  #wholePiece(items: readonly Readonly<Record<string, unknown>>[]): ExpansionPiece {
    const { type } = this.#column.expression
    if (type.kind !== 'array' || type.element.kind !== 'record') return noRows
    const { element } = type
    const names = madeOrder(Object.keys(element.fields))
    const rows = items.map((item) => ({ content: contentOf(JSON.stringify(encodeJson(element, item))), values: names.map((name) => item[name]) }))
    return { from: 0, rows, last: true }
  }
}

/** A list of which nothing is written yet and nothing is to come: it can be kept. */
function isWhole({ behind, piece, retryDelayMs }: ExpansionWrite): boolean {
  return behind === null && retryDelayMs === null && (piece === null || piece.last)
}

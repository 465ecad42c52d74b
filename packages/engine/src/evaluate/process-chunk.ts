import { setTimeout as sleep } from 'node:timers/promises'
import {
  activeCells,
  commitCells,
  foldedAbove,
  foldLog,
  guards,
  loadCells,
  rolledUpViews,
  type CellColumn,
  type CellCommit,
  type CellCommitResult,
  type CellStatus,
  type CellWrites,
  type LoadPlan,
  type RowSinces,
  type TableModel,
  type TaskToInsert,
} from '@vivant/storage'
import { rivalTasks, wakeWorkers } from '@vivant/queue'
import type { ChunkContext } from '../engine-context.ts'
import type { ColumnResult } from './column-result.ts'
import { assembles, runColumn, tokenOf, type ChunkState } from './run-column.ts'

/** How long finished columns wait for the others before they are committed by themselves. */
const earlyCommitMs = 10
/** When a row that another claim is at is looked at again. */
const deferredMs = 250

export interface ChunkRequest {
  readonly model: TableModel
  readonly plan: LoadPlan
  readonly pool: string
  readonly tasks: readonly number[]
  readonly ids: readonly number[]
  readonly forced: ReadonlySet<number>
  readonly since: number
  /** Null where it is the same for every row. */
  readonly sinces: RowSinces | null
  /** The last chunk of these tasks: its last commit deletes them. */
  readonly final: boolean
  /** Rows that earlier chunks of the same tasks are to put back. */
  readonly putBack: readonly number[]
  /** Tasks for what earlier chunks could not run here. */
  readonly insertTasks: readonly TaskToInsert[]
  readonly signal: AbortSignal
  /** Runs this column alone: the one that is suspected of killing workers. */
  readonly onlyColumn?: number
}

export interface ChunkOutcome {
  /** False: a lease was lost or the schema moved on, and what was not committed is not. */
  readonly accepted: boolean
  readonly putBack: readonly number[]
  readonly insertTasks: readonly TaskToInsert[]
  readonly calls: number
  /** About as much as the values held in memory. */
  readonly bytes: number
  /** What of its time would have been the same for any number of rows. */
  readonly startMs: number
  /** Columns with rows that failed for good. */
  readonly failed: ReadonlySet<number>
}

/**
 * From load to commit for some rows. Columns run as soon as what they read is there, slow ones beside each other; what is
 * finished is committed without waiting for them, under the same leases.
 */
export async function processChunk(context: ChunkContext, request: ChunkRequest): Promise<ChunkOutcome> {
  const chunk = await prepareChunk(context, request)
  await chunk.evaluate()
  return chunk.finish()
}

/** The load alone; `evaluate` and `finish` follow. Tests drive the three apart to force an order between workers. */
export async function prepareChunk(context: ChunkContext, request: ChunkRequest): Promise<Chunk> {
  // before the load: whoever ends in between has written what the load shows
  const rivals = await rivalsOf(context, request)
  const batch = await loadCells(context.database, request.plan, request.ids)
  return new Chunk(context, request, {
    model: request.model,
    batch,
    forced: request.forced,
    results: new Map(),
    signal: request.signal,
    ...(rivals && { rivals }),
  })
}

async function rivalsOf(context: ChunkContext, { model, pool, tasks, ids, forced, onlyColumn }: ChunkRequest): Promise<ChunkState['rivals']> {
  if (!guards.oneAssembly || forced.size > 0 || onlyColumn !== undefined || !activeCells(model, pool).some(assembles)) return undefined
  return rivalTasks(context.database, { tableId: model.id, pool, tasks, ids })
}

export class Chunk {
  readonly state: ChunkState
  readonly #context: ChunkContext
  readonly #request: ChunkRequest
  readonly #columns: readonly CellColumn[]
  readonly #finished: CellColumn[] = []
  readonly #committed = new Set<number>()
  readonly #putBack: Set<number>
  #rejected = false
  #startMs = 0

  constructor(context: ChunkContext, request: ChunkRequest, state: ChunkState) {
    this.#context = context
    this.#request = request
    this.state = state
    this.#columns = activeCells(request.model, request.pool).filter((column) => request.onlyColumn === undefined || column.id === request.onlyColumn)
    this.#putBack = new Set(request.putBack)
  }

  async evaluate(): Promise<void> {
    using media = this.#context.environment.media.batch()
    const context = { ...this.#context, environment: { ...this.#context.environment, media } }
    const runs = new Map<number, Promise<void>>()
    for (const column of this.#columns) {
      const inputs = column.cellInputs.flatMap((id) => runs.get(id) ?? [])
      runs.set(column.id, inputs.length ? Promise.all(inputs).then(() => this.#run(context, column)) : this.#run(context, column))
    }
    const all = Promise.all(runs.values())
    const done = all.then(() => true)
    while (!(await Promise.race([done, sleep(earlyCommitMs, false)]))) {
      const ready = this.#finished.filter((column) => !this.#committed.has(column.id) && this.state.results.get(column.id)!.write.includes(1))
      if (ready.length && !this.#rejected) await this.#commitEarly(ready)
      else await Promise.race([done, sleep(earlyCommitMs * 10)])
    }
    this.#startMs = media.startMs
  }

  /** The last commit. */
  async finish(): Promise<ChunkOutcome> {
    const insertTasks = [...this.#request.insertTasks, ...this.#notRunnableTasks(), ...this.#deferredTasks()]
    this.#putBackUnplanned()
    if (!this.#rejected) {
      const result = await this.#commit(
        this.#columns.filter((column) => !this.#committed.has(column.id)),
        { final: this.#request.final, returnSeqs: false, insertTasks: this.#request.final ? insertTasks : [] },
      )
      for (const id of result.putBack) this.#putBack.add(id)
    }
    if (!this.#rejected) await this.#foldLogs()
    return {
      accepted: !this.#rejected,
      putBack: [...this.#putBack],
      insertTasks,
      calls: [...this.state.results.values()].reduce((sum, result) => sum + result.calls, 0),
      startMs: this.#startMs,
      bytes: bytesOf([...this.state.batch.stored.values(), ...[...this.state.results.values()].map((result) => result.values)]),
      failed: new Set(this.#columns.filter((column) => failedNow(this.state.results.get(column.id))).map((column) => column.id)),
    }
  }

  async #run(context: ChunkContext, column: CellColumn): Promise<void> {
    this.state.results.set(column.id, await runColumn(context, this.state, column))
    this.#finished.push(column)
  }

  async #commitEarly(columns: readonly CellColumn[]): Promise<void> {
    const result = await this.#commit(columns, { final: false, returnSeqs: true, insertTasks: [] })
    if (!result.accepted) return
    for (const column of columns) this.#committed.add(column.id)
    this.#applyEarly(result)
  }

  /** What an early commit returned is what later columns of this run go by. */
  #applyEarly(result: CellCommitResult): void {
    for (const id of result.putBack) this.#putBack.add(id)
    for (const [columnId, seqs] of result.seqs) {
      const own = this.state.results.get(columnId)!
      own.committed = { seqs }
    }
  }

  async #commit(columns: readonly CellColumn[], options: Pick<CellCommit, 'final' | 'returnSeqs' | 'insertTasks'>): Promise<CellCommitResult> {
    const ordered = columns.toSorted((left, right) => left.rank - right.rank)
    const writes = ordered.flatMap((column) => this.#writesOf(column, ordered) ?? [])
    if (!writes.length && !options.final) return { accepted: true, putBack: [], followed: false, seqs: new Map() }
    const result = await commitCells(this.#context.database, {
      model: this.#request.model,
      pool: this.#request.pool,
      owner: this.#context.owner,
      tasks: this.#request.tasks,
      writes,
      putBack: [...this.#putBack],
      since: this.#request.since,
      sinces: this.#request.sinces,
      ...options,
    })
    if (!result.accepted) this.#rejected = true
    // workers of the other pools may be asleep
    if (result.followed) await wakeWorkers(this.#context.database)
    return result
  }

  #writesOf(column: CellColumn, together: readonly CellColumn[]): CellWrites | null {
    const { batch, results } = this.state
    const result = results.get(column.id)
    if (!result) return null
    const loaded = batch.cells.get(column.id)!
    const revisions = batch.revisions.get(column.id)!
    const inputs = column.cellInputs.map((id) => ({ id, result: results.get(id), loaded: batch.cells.get(id)! }))
    const writtenInputs = together.filter((entry) => column.cellInputs.includes(entry.id) && results.get(entry.id)?.write.includes(1))
    const bits = new Map(writtenInputs.map((entry, index) => [entry.id, 1 << index]))
    const readers = this.#columns.filter((entry) => entry.cellInputs.includes(column.id))
    const rows: number[] = []
    const baseTokens: number[] = []
    const inputMasks: number[] = []
    for (let row = 0; row < batch.ids.length; row++) {
      if (!result.write[row]) continue
      const id = batch.ids[row]!
      let token = revisions[row]!
      let mask = 0
      let lostInput = false
      for (const input of inputs) {
        const inCommit = bits.get(input.id) !== undefined && input.result!.write[row] === 1
        const earlier = input.result?.committed
        if (inCommit) {
          mask |= bits.get(input.id)!
          if (!guards.returnedSeq) token = tokenOf(token, input.loaded.status[row] === null ? 0 : input.loaded.seq[row]!)
        } else if (earlier && input.result!.write[row]) {
          const seq = earlier.seqs.get(id)
          if (seq === undefined) lostInput = true
          else token = tokenOf(token, seq)
        } else token = tokenOf(token, input.loaded.status[row] === null ? 0 : input.loaded.seq[row]!)
      }
      // its input lost the fence in an earlier commit: the row is put back, this cell is not written (rule 8)
      if (lostInput && guards.putBackLost) continue
      rows.push(row)
      baseTokens.push(token)
      inputMasks.push(mask)
    }
    if (!rows.length) return null
    const pick = <T>(list: readonly T[]): T[] => (rows.length === list.length ? (list as T[]) : rows.map((row) => list[row]!))
    return {
      column,
      ids: pick(batch.ids),
      baseTokens,
      inputMasks,
      writtenInputs,
      values: pick(result.values),
      statuses: pick(result.status as CellStatus[]),
      attempts: pick(result.attempts),
      loadedSeqs: rows.map((row) => (loaded.status[row] === null ? 0 : loaded.seq[row]!)),
      putBackIfMoved: rows.map((row) => readers.some((reader) => this.#unplanned(reader, row))),
      argumentHashes: result.argumentHashes && pick(result.argumentHashes),
      infos: result.infos && pick(result.infos),
      retryDelaysMs: result.retryDelaysMs && pick(result.retryDelaysMs),
      micros: result.micros,
      fresh: rows.every((row) => loaded.status[row] === null),
    }
  }

  /** Rows of which much has changed in the views that are read: their entries become one. */
  async #foldLogs(): Promise<void> {
    const { batch, model } = this.state
    for (const column of this.#columns) {
      const rollUps = batch.rollUps.get(column.id)
      const ids = rollUps ? batch.ids.filter((_, row) => rollUps.logged[row]! > foldedAbove) : []
      if (ids.length) for (const view of rolledUpViews(model, [column])) await foldLog(this.#context.database, view, ids)
    }
  }

  /** A reader that this run has been through without writing it; what is still to come is not unplanned. */
  #unplanned(reader: CellColumn, row: number): boolean {
    const result = this.state.results.get(reader.id)
    return result !== undefined && !result.write[row] && !result.notRunnable[row]
  }

  /** Rows whose cell moved in an early commit while something that reads it was not written by this run (rule 10). */
  #putBackUnplanned(): void {
    if (!guards.putBackUnplanned) return
    const { batch, results } = this.state
    for (const column of this.#columns) {
      const seqs = results.get(column.id)?.committed?.seqs
      if (!seqs) continue
      const loaded = batch.cells.get(column.id)!
      const readers = this.#columns.filter((entry) => entry.cellInputs.includes(column.id))
      for (let row = 0; row < batch.ids.length; row++) {
        const seq = seqs.get(batch.ids[row]!)
        if (seq === undefined || (loaded.status[row] !== null && seq === loaded.seq[row])) continue
        if (readers.some((reader) => this.#unplanned(reader, row))) this.#putBack.add(batch.ids[row]!)
      }
    }
  }

  /** What another claim is at is looked at again when that may have ended. */
  #deferredTasks(): TaskToInsert[] {
    const ids = this.state.batch.ids.filter((_, row) => this.#columns.some((column) => this.state.results.get(column.id)?.deferred[row]))
    return ids.length ? [{ pool: this.#request.pool, kind: 'fresh', ids, columns: null, delayMs: deferredMs }] : []
  }

  /** What this process has not the code for stays behind as tasks that name the columns, so others can claim them. */
  #notRunnableTasks(): TaskToInsert[] {
    const columns = this.#columns.filter((column) => this.state.results.get(column.id)?.notRunnable.includes(1))
    const rows = this.state.batch.ids.filter((_, row) => columns.some((column) => this.state.results.get(column.id)!.notRunnable[row]))
    if (!rows.length) return []
    return [{ pool: this.#request.pool, kind: 'fresh', ids: rows, columns: columns.map((column) => column.id), delayMs: null }]
  }
}

function failedNow(result: ColumnResult | undefined): boolean {
  return result?.status.some((status, row) => status === 'failed' && result.write[row] === 1) ?? false
}

/** How many rows of a list are looked at to estimate its size. */
const sampledRows = 64

function bytesOf(lists: readonly (readonly unknown[])[]): number {
  return lists.reduce((sum, list) => {
    const step = Math.max(1, Math.floor(list.length / sampledRows))
    let [sampled, bytes] = [0, 0]
    for (let row = 0; row < list.length; row += step) {
      sampled++
      bytes += sizeOf(list[row])
    }
    return sampled === 0 ? sum : sum + (bytes / sampled) * list.length
  }, 0)
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length * 2
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (typeof value === 'object' && value !== null) return Object.values(value).reduce((sum: number, part: unknown) => sum + sizeOf(part), 16)
  return 8
}

import { compileEvaluator, type Evaluator, filled, ownResultColumn } from '@vivant/core'
import type { GroupCommit, GroupPlace, HistoryColumn, HistoryWrite, LoadedGroup, TableModel } from '@vivant/storage'
import type { ChunkContext } from '../engine-context.ts'
import { ColumnRun, tokenOf } from './run-column.ts'

/** How long a piece may be worked on before what is done of it is committed. */
const pieceMs = 1000

export interface PieceOptions {
  /** Rows at most. */
  readonly rows: number
  /** The first row that would be run killed its workers: it fails without being run. */
  readonly blame: boolean
  readonly signal: AbortSignal
}

/** What the commit of a piece says of the group. */
export type PieceEnd = Pick<GroupCommit, 'dirty' | 'attempts' | 'reached' | 'isOpenEnded' | 'fold' | 'writes'> & {
  /** The row at `dirty` waits: for an input, for its next attempt, or for a process that has the code. */
  readonly waits: 'input' | 'retry' | 'code' | null
  readonly calls: number
  readonly rows: number
}

type Entry = Readonly<Record<string, unknown>>

/**
 * Evaluates a piece of a group, in order. It goes on from a touched place until the rows behind it are cold: as many as a row reads came
 * out as they were, so the next would read what it read before. Then the next touched place is where work goes on.
 *
 * A column that reads its own earlier results runs row by row; any other in batches.
 */
export class GroupPiece {
  readonly #column: HistoryColumn
  readonly #loaded: LoadedGroup
  readonly #options: PieceOptions
  readonly #run: ColumnRun
  readonly #rowOf: ReadonlyMap<number, number>
  /** Of each group in the piece, with null for a row that is passed over. */
  readonly #windows = new Map<string, (Entry | null)[]>()
  readonly #histories = new Map<number, readonly Entry[]>()
  readonly #entry: (row: number) => Entry | null
  readonly #groupOf: (row: number) => string
  /** Rows that are run, and where they are. */
  readonly #chosen: Chosen[] = []
  readonly #forced: ReadonlySet<number>
  #blamed: number | undefined

  constructor(context: ChunkContext, model: TableModel, column: HistoryColumn, loaded: LoadedGroup, options: PieceOptions) {
    this.#column = column
    this.#loaded = loaded
    this.#options = options
    const state = { model, batch: loaded.batch, forced: new Set<number>(), results: new Map(), signal: options.signal }
    this.#run = new ColumnRun(context, state, column, (row) => this.#histories.get(row) ?? [])
    this.#rowOf = new Map(loaded.batch.ids.map((id, row) => [id, row]))
    this.#entry = this.#entryReader()
    const keys = column.history.by.map((name) => this.#run.reader(name))
    this.#groupOf = (row) => keys.map((key) => describeKey(key(row))).join('\0')
    this.#forced = new Set(loaded.events.flatMap(({ forced, place }) => (forced ? [place.id] : [])))
  }

  async evaluate(): Promise<PieceEnd> {
    for (const id of this.#loaded.window) this.#remember(this.#rowOf.get(id))
    const walk = await this.#walk()
    if (!this.#column.history.readsOwn) await this.#runAll()
    return this.#end(walk)
  }

  /** Through rows and touched ranges, up to where this piece ends. */
  async #walk(): Promise<Walk> {
    const { events, open: openBefore, rest } = this.#loaded
    const { last, readsOwn } = this.#column.history
    const began = performance.now()
    const begun: number[] = []
    let [open, cold, rows] = [openBefore, 0, 0]
    const stop = (dirty: GroupPlace | null, waits: Walk['waits'] = null): Walk => ({ dirty, waits, begun, rows, isOpen: open > 0 })
    for (const [index, event] of events.entries()) {
      if (event.kind === 'begin') {
        open++
        cold = 0
        begun.push(event.log!)
        continue
      }
      if (event.kind === 'end') {
        open--
        continue
      }
      const row = this.#rowOf.get(event.place.id)
      if (row === undefined) continue
      if (cold >= last && open === 0) return stop(events.slice(index).find(({ kind }) => kind === 'begin')?.place ?? rest)
      if (rows >= this.#options.rows || (readsOwn && rows > 0 && performance.now() - began > pieceMs)) return stop(event.place)
      if (this.#waitsForInput(row)) return stop(event.place, 'input')
      rows++
      const outcome = this.#choose(row, event.place)
      if (outcome === 'backoff') return stop(event.place, 'retry')
      if (outcome === 'run' && readsOwn) {
        this.#options.signal.throwIfAborted()
        await this.#run.runRows([row])
        if (this.#run.result.notRunnable[row]) return stop(event.place, 'code')
        if (this.#run.result.status[row] === 'error') return stop(event.place, 'retry')
      }
      cold = open === 0 && !(readsOwn && this.#run.result.changed[row]) ? cold + 1 : 0
      this.#remember(row)
      if (this.#blamed === row) return stop(nextPlace(events, index + 1) ?? rest)
    }
    return stop(rest)
  }

  /** Whether a row is run; its history is noted. */
  #choose(row: number, place: GroupPlace): 'same' | 'run' | 'backoff' {
    const { result } = this.#run
    const loaded = this.#loaded.batch.cells.get(this.#column.id)!
    this.#histories.set(
      row,
      (this.#windows.get(this.#groupOf(row)) ?? []).filter((entry) => entry !== null),
    )
    const hash = this.#run.hashArguments(row)
    const status = loaded.status[row]
    const sameArguments = hash !== null && loaded.version[row] === this.#column.version && loaded.argumentHashes?.[row]?.replaceAll('-', '') === hash
    const isForced = this.#forced.has(place.id)
    if (status === 'error' && sameArguments && !isForced && !loaded.due[row]) return 'backoff'
    if (status !== null && status !== 'error' && sameArguments && !isForced && loaded.token[row] === this.#tokenOf(row)) return 'same'
    if (status !== null && sameArguments && (isForced || status === 'error')) result.attempts[row] = loaded.attempts[row]! + 1
    this.#chosen.push({ row, place })
    if (!this.#options.blame || this.#blamed !== undefined) return 'run'
    this.#blame(row)
    return 'same'
  }

  /** Fails a row whose function could not even be tried again. */
  #blame(row: number): void {
    const { result } = this.#run
    this.#blamed = row
    result.write[row] = 1
    result.changed[row] = 1
    result.status[row] = 'failed'
    result.values[row] = null
    if (result.argumentHashes) result.argumentHashes[row] = this.#run.hashArguments(row)
    result.infos ??= filled(this.#loaded.batch.ids.length, null)
    result.infos[row] = { error: { code: 'WORKER_DIED', message: 'The process that computed this cell died each time that it ran.' } }
  }

  /** The rows of a column that does not read its own results, together. */
  async #runAll(): Promise<void> {
    const rows = this.#chosen.flatMap(({ row }) => (row === this.#blamed ? [] : [row]))
    // a run takes the rows of its batch in the batch's order, which is not that of the group
    if (rows.length) await this.#run.runRows(rows.toSorted((left, right) => left - right))
  }

  #end({ dirty, waits, begun, rows, isOpen }: Walk): PieceEnd {
    const { result } = this.#run
    const stopped = this.#chosen.find(({ row }) => result.notRunnable[row] || result.status[row] === 'error')
    const end = {
      writes: this.#chosen.flatMap(({ row }) => this.#write(row) ?? []),
      fold: begun,
      isOpenEnded: this.#loaded.isOpenEnded && dirty !== null && isOpen,
      calls: result.calls,
      rows,
    }
    // what comes behind a row that is tried again was run beside it, and is found done when that row is
    if (stopped && !this.#column.history.readsOwn)
      return {
        ...end,
        dirty: stopped.place,
        attempts: result.attempts[stopped.row]!,
        reached: this.#chosen.at(-1)!.place,
        isOpenEnded: this.#loaded.isOpenEnded,
        fold: this.#begunBefore(stopped.place),
        waits: result.notRunnable[stopped.row] ? 'code' : 'retry',
      }
    const waiting = waits === 'retry' && dirty ? this.#rowOf.get(dirty.id) : undefined
    return { ...end, dirty, waits, attempts: waiting === undefined ? 0 : this.#attemptsOf(waiting), reached: null }
  }

  #attemptsOf(row: number): number {
    return this.#run.result.write[row] ? this.#run.result.attempts[row]! : this.#loaded.batch.cells.get(this.#column.id)!.attempts[row]!
  }

  /** Log rows whose range begins at a place or before it. */
  #begunBefore(place: GroupPlace): readonly number[] {
    const { events } = this.#loaded
    const at = events.findIndex((event) => event.kind === 'row' && event.place.id === place.id)
    return events.slice(0, at).flatMap(({ kind, log }) => (kind === 'begin' ? [log!] : []))
  }

  #write(row: number): HistoryWrite | null {
    const { result } = this.#run
    const loaded = this.#loaded.batch.cells.get(this.#column.id)!
    if (!result.write[row]) return null
    const token = this.#tokenOf(row)
    const isSame = !result.changed[row] && loaded.version[row] === this.#column.version && loaded.token[row] === token && result.status[row] === 'blocked'
    if (isSame) return null
    return {
      id: this.#loaded.batch.ids[row]!,
      token,
      value: result.values[row],
      status: result.status[row]!,
      attempts: result.attempts[row]!,
      argumentHash: result.argumentHashes?.[row] ?? null,
      info: result.infos?.[row] ?? null,
      retryDelayMs: result.retryDelaysMs?.[row] ?? null,
      micros: result.micros,
      loadedSeq: loaded.status[row] === null ? 0 : loaded.seq[row]!,
    }
  }

  /** Its own inputs, and what later rows read of it, which are the same columns. */
  #waitsForInput(row: number): boolean {
    return this.#column.cellInputs.some((id) => {
      const status = this.#loaded.batch.cells.get(id)!.status[row]
      return status === null || status === 'error'
    })
  }

  #tokenOf(row: number): number {
    const { batch } = this.#loaded
    return this.#column.cellInputs.reduce((token, id) => tokenOf(token, batch.cells.get(id)!.seq[row]!), batch.revisions.get(this.#column.id)![row]!)
  }

  /** A row joins those that the next ones read. */
  #remember(row: number | undefined): void {
    if (row === undefined) return
    const key = this.#groupOf(row)
    const window = this.#windows.get(key) ?? []
    window.push(this.#entry(row))
    if (window.length > this.#column.history.last) window.shift()
    this.#windows.set(key, window)
  }

  /** Null for a row in which a field is null that is never null: its cell failed. */
  #entryReader(): (row: number) => Entry | null {
    const { fields, type } = this.#column.history
    const { result } = this.#run
    const context = {
      column: (node: { readonly column: string }): Evaluator =>
        node.column === ownResultColumn ? (row) => (result.status[row] === 'ok' ? (result.values[row] ?? null) : null) : this.#run.reader(node.column),
      cell: () => () => null,
      call: () => () => null,
      lookup: () => () => null,
      now: () => new Date(),
    }
    const element = type.element.kind === 'record' ? type.element.fields : {}
    const readers = Object.entries(fields).map(([name, node]) => ({ name, isNullable: element[name]?.nullable ?? true, read: compileEvaluator(node, context) }))
    return (row) => {
      const entry: Record<string, unknown> = {}
      for (const { name, isNullable, read } of readers) {
        const value = read(row)
        if (value === null && !isNullable) return null
        entry[name] = value
      }
      return entry
    }
  }
}

interface Chosen {
  readonly row: number
  readonly place: GroupPlace
}

interface Walk {
  readonly dirty: GroupPlace | null
  readonly waits: PieceEnd['waits']
  /** Log rows whose range has begun. */
  readonly begun: readonly number[]
  readonly rows: number
  readonly isOpen: boolean
}

/** Where the next row or touched range is, from an event on; null: nowhere. */
function nextPlace(events: LoadedGroup['events'], from: number): GroupPlace | null {
  return events.slice(from).find(({ kind }) => kind !== 'end')?.place ?? null
}

function describeKey(key: unknown): string {
  return key instanceof Date ? String(key.getTime()) : `${typeof key}${String(key)}`
}

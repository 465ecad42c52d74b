import { VivantError } from '@vivant/core'
import {
  type BackfillRecord,
  type TableModel,
  estimateRows,
  meanMicros,
  pauseColumn,
  readBackfills,
  resumeColumn,
  setBackfillState,
  throttleBackfill,
} from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { cellColumn } from './find-column.ts'
import { progressOf as waitProgress, waitUntilNone, type WaitOptions } from './wait-loop.ts'

export interface BackfillProgress {
  /** `none`: the column never had one, or it is declared and not published yet. */
  readonly state: 'none' | 'running' | 'paused' | 'cancelled' | 'done'
  /** The part of the table that is done, from 0 to 1. */
  readonly fraction: number
  readonly rowsDone: number
  /** An estimate. */
  readonly rowsLeft: number
  readonly rowsPerSecond: number | null
  readonly etaMs: number | null
  readonly startedAt: Date | null
  readonly elapsedMs: number
}

export interface BackfillEstimate {
  readonly rows: number
  /** False: from the server's statistics. */
  readonly exact: boolean
  /** From the mean time of the cells there are, one after the other; null when there are none. */
  readonly computeMs: number | null
}

/** A column's sweep over the rows that there were when it was declared or changed. */
export interface BackfillHandle {
  progress(): Promise<BackfillProgress>
  /** How much a backfill of the whole table is. */
  estimate(): Promise<BackfillEstimate>
  /** Stops computing the column, fresh rows too, until `resume`. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** At most so many rows a second; null lifts the limit. */
  throttle(rowsPerSecond: number | null): Promise<void>
  /** Ends the sweep where it is: what it has not reached stays pending until its inputs change, or `recompute`. */
  cancel(): Promise<void>
  /** Resolves when every row that it swept is settled (or it was cancelled). */
  done(options?: WaitOptions): Promise<BackfillProgress>
}

/**
 * The backfill of a computed column.
 *
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND (from its methods)
 * @example
 * const backfill = backfillOf(runtime, 'videos', 'thumb')
 * await backfill.throttle(100)
 * console.log((await backfill.progress()).fraction)
 */
export function backfillOf(runtime: Runtime, table: string, column: string): BackfillHandle {
  return new Backfill(runtime, table, column)
}

class Backfill implements BackfillHandle {
  readonly #runtime: Runtime
  readonly #table: string
  readonly #column: string

  constructor(runtime: Runtime, table: string, column: string) {
    this.#runtime = runtime
    this.#table = table
    this.#column = column
  }

  async progress(): Promise<BackfillProgress> {
    return this.#progressOf(await this.#read())
  }

  async estimate(): Promise<BackfillEstimate> {
    const { model, column } = await this.#read()
    const { rows, exact } = await estimateRows(this.#runtime.database, model)
    const micros = await meanMicros(this.#runtime.database, column.cellTable)
    return { rows, exact, computeMs: micros === null ? null : (micros * rows) / 1000 }
  }

  async pause(): Promise<void> {
    const { model, column } = await this.#read()
    await pauseColumn(this.#runtime.database, model, column)
    this.#runtime.forgetModels()
  }

  async resume(): Promise<void> {
    const { model, column } = await this.#read()
    await resumeColumn(this.#runtime.database, model, column)
    this.#runtime.forgetModels()
    this.#runtime.wake()
  }

  async throttle(rowsPerSecond: number | null): Promise<void> {
    if (rowsPerSecond !== null && !(rowsPerSecond > 0 && Number.isFinite(rowsPerSecond)))
      throw new VivantError('CONFIGURATION_INVALID', `throttle takes rows per second, a number greater than 0, or null, not ${String(rowsPerSecond)}.`)
    const { record } = await this.#read()
    if (record) await throttleBackfill(this.#runtime.database, record.id, rowsPerSecond)
    if (rowsPerSecond === null) this.#runtime.wake()
  }

  async cancel(): Promise<void> {
    const { record } = await this.#read()
    if (record) await setBackfillState(this.#runtime.database, record.id, 'cancelled')
  }

  async done(options: WaitOptions = {}): Promise<BackfillProgress> {
    let last = await this.progress()
    const look = async (): Promise<number> => {
      const read = await this.#read()
      const { record } = read
      last = await this.#progressOf(read)
      if (!record) return 0
      const open = record.state === 'running' || record.state === 'paused'
      return open || record.rowsUnderWay > 0 ? Math.max(1, last.rowsLeft) : 0
    }
    await waitUntilNone(look, options, async () => {
      return new VivantError(
        'TIMEOUT',
        `After ${options.timeoutMs} ms the backfill of "${this.#table}.${this.#column}" is at ${Math.floor(last.fraction * 100)} %. It goes on.`,
        {
          details: { table: this.#table, column: this.#column, progress: last },
        },
      )
    })
    return last
  }

  async #progressOf({ model, record }: { readonly model: TableModel; readonly record: BackfillRecord | null }): Promise<BackfillProgress> {
    const isUnknown = record !== null && record.rowsTotal === null
    return progressOf(record, isUnknown ? (await estimateRows(this.#runtime.database, model)).rows : 0)
  }

  async #read() {
    const model = await this.#runtime.freshModel(this.#table)
    const column = cellColumn(model, this.#column)
    const [record = null] = await readBackfills(this.#runtime.database, model, { columnId: column.id })
    return { model, column, record }
  }
}

/** `expectedRows`: of the whole table, where the backfill does not know. */
export function progressOf(record: BackfillRecord | null, expectedRows: number): BackfillProgress {
  if (!record) return { state: 'none', fraction: 0, rowsDone: 0, rowsLeft: 0, rowsPerSecond: null, etaMs: null, startedAt: null, elapsedMs: 0 }
  const { state, progress, rowsSwept, rowsUnderWay, elapsedMs, startedAt } = record
  const rowsDone = Math.max(0, rowsSwept - rowsUnderWay)
  const ahead =
    progress > 0 && progress < 1
      ? Math.round((rowsSwept / progress) * (1 - progress))
      : progress === 0
        ? Math.max(0, (record.rowsTotal ?? expectedRows) - rowsSwept)
        : 0
  const rowsLeft = (state === 'cancelled' ? 0 : ahead) + rowsUnderWay
  const total = rowsDone + rowsLeft
  const { etaMs } = waitProgress(total, rowsLeft, elapsedMs)
  return {
    state: state === 'done' && rowsUnderWay > 0 ? 'running' : state,
    fraction: total > 0 ? rowsDone / total : state === 'done' ? 1 : 0,
    rowsDone,
    rowsLeft,
    rowsPerSecond: rowsDone > 0 && elapsedMs > 0 ? (rowsDone / elapsedMs) * 1000 : null,
    etaMs,
    startedAt,
    elapsedMs,
  }
}

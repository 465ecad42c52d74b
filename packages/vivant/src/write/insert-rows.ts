import { isVivantError, type TableDefinition, VivantError } from '@vivant/core'
import { insertBatch, sliceRows, type SqlClient, type SqlTransaction, type TableModel } from '@vivant/storage'
import { checkWaitedColumns, waitForRows } from '../observe/wait-for-rows.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { batchRanges } from './batch-ranges.ts'
import { checkOptions } from './check-options.ts'
import { computeAtomic, maxAtomicRows } from './compute-atomic.ts'
import type { InsertOptions, InsertResult, InvalidRow, RowsInput } from './insert-options.ts'
import { type ParsedRows, parseRows } from './parse-rows.ts'
import { rowPieces, rowsAtHand } from './row-source.ts'
import { insertableModel } from './table-model.ts'
import { abortedError, mediaConcurrency, takeMediaIn } from './take-media-in.ts'
import { translateWriteError } from './translate-write-error.ts'

/**
 * Inserts rows. An array or an iterable is one transaction: all of it is stored or nothing. An async iterable is stored in
 * transactions of 10,000 rows each, so it may be longer than memory is large; an error then says how many rows are stored.
 *
 * Media (a path, URL, bytes, a stream, a Blob or a handle) are taken in before the rows are written; `reference(url)` stores
 * the URL. Values are checked here, so that a bad row is named by its index, column and reason.
 *
 * @throws ROW_INVALID, NOT_WRITABLE the first invalid rows in `details.invalid`; nothing was stored
 * @throws CONSTRAINT_VIOLATED a unique, foreign or check constraint; `details.index` is the row where it can be told
 * @throws TOO_LARGE a value or a row over the limits
 * @throws TIMEOUT, NO_WORKER with `wait` (the rows are stored then: `details.ids`)
 * @throws ABORTED by `signal`, or because the source of the rows failed
 * @example
 * const { ids } = await insertRows(runtime, definition, [{ title: 'Bangkok', video: './bangkok.mp4' }])
 * const { run } = await insertRows(runtime, definition, rows, { wait: ['thumb'], timeoutMs: 60_000 })
 */
export async function insertRows(
  runtime: Runtime,
  table: TableDefinition,
  rows: RowsInput,
  options: InsertOptions = {},
  client?: SqlTransaction,
): Promise<InsertResult> {
  const insert = await RowInsert.prepare(runtime, table, options, client)
  const atHand = rowsAtHand(rows)
  await (atHand ? insert.store(atHand) : insert.storePieces(rows))
  if (!client) runtime.wake()
  return insert.finish()
}

const insertOptions = {
  ids: true,
  wait: true,
  timeoutMs: true,
  onProgress: true,
  mode: true,
  onInvalid: true,
  signal: true,
  mediaConcurrency: true,
} as const satisfies Readonly<Record<keyof InsertOptions, true>>

/** One call of `insertRows`. */
class RowInsert {
  readonly #runtime: Runtime
  readonly #table: TableDefinition
  readonly #options: InsertOptions
  readonly #client: SqlTransaction | undefined
  readonly #model: TableModel
  readonly #returnIds: boolean
  readonly #concurrency: number
  readonly #ids: number[] = []
  readonly #invalid: InvalidRow[] = []
  #count = 0
  #read = 0

  private constructor(runtime: Runtime, table: TableDefinition, options: InsertOptions, client: SqlTransaction | undefined, model: TableModel) {
    this.#runtime = runtime
    this.#table = table
    this.#options = options
    this.#client = client
    this.#model = model
    this.#returnIds = options.ids !== false || isWaiting(options) || options.mode === 'atomic'
    this.#concurrency = mediaConcurrency(options.mediaConcurrency)
  }

  /** Whatever is wrong with the options is said before anything is stored. */
  static async prepare(runtime: Runtime, table: TableDefinition, options: InsertOptions, client: SqlTransaction | undefined): Promise<RowInsert> {
    checkOptions('insert()', options, insertOptions)
    if (options.mode !== undefined && options.mode !== 'atomic')
      throw new VivantError('CONFIGURATION_INVALID', `{ mode: ${JSON.stringify(options.mode)} } is not known: there is 'atomic'.`)
    if (client && options.mode === 'atomic')
      throw new VivantError('INSIDE_TRANSACTION', "An insert with { mode: 'atomic' } is a transaction of its own: it cannot stand inside another.")
    if (client && isWaiting(options))
      throw new VivantError(
        'INSIDE_TRANSACTION',
        'Inside a transaction nothing can be waited for: workers see the rows after the commit. Insert without { wait }, and await db.settled() afterwards.',
      )
    if (options.signal?.aborted) throw abortedError(options.signal)
    const model = await insertableModel(runtime, table.name, client)
    if (isWaiting(options)) checkWaitedColumns(model, options.wait)
    return new RowInsert(runtime, table, options, client, model)
  }

  /** One transaction. */
  async store(rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const parsed = await this.#parse(rows)
    const indexOf = (row: number): number => parsed.indexes[row]!
    const ranges = batchRanges(parsed.batch, this.#table.name, indexOf)
    if (this.#options.signal?.aborted) throw abortedError(this.#options.signal)
    const write = async (client: SqlClient): Promise<number[]> => {
      const ids: number[] = []
      for (const { from, to } of ranges) {
        if (this.#options.signal?.aborted) throw abortedError(this.#options.signal)
        const batch = sliceRows(parsed.batch, from, to)
        try {
          for (const id of await insertBatch(client, this.#model, batch, { returnIds: this.#returnIds, prepared: !this.#client })) ids.push(id)
        } catch (error) {
          throw translateWriteError(error, { model: this.#model, batch, indexes: parsed.indexes.slice(from, to) })
        }
      }
      return ids
    }
    const { database } = this.#runtime
    // a single row is a transaction by itself
    const ids = await (this.#options.mode === 'atomic'
      ? this.#storeAtomic(parsed, write)
      : this.#client
        ? write(this.#client)
        : parsed.batch.rowCount <= 1
          ? write(database)
          : database.transaction(write))
    for (const id of ids) this.#ids.push(id)
    this.#count += parsed.batch.rowCount
    for (const row of parsed.invalid) this.#invalid.push(row)
  }

  /** As a transaction of the user's: a function that calls the database is told so, where it would wait for ever. */
  async #storeAtomic({ batch, indexes }: ParsedRows, write: (client: SqlClient) => Promise<number[]>): Promise<number[]> {
    if (batch.rowCount > maxAtomicRows)
      throw new VivantError(
        'TOO_LARGE',
        `{ mode: 'atomic' } takes up to ${maxAtomicRows} rows, not ${batch.rowCount}: its transaction lasts as long as their functions.`,
      )
    const { signal } = this.#options
    return this.#runtime.database.userTransaction(async (client) => {
      const ids = await write(client)
      await computeAtomic(this.#runtime, client, this.#model, { ids, indexes, signal })
      return ids
    })
  }

  /** A transaction for each piece; workers begin with the first. */
  async storePieces(rows: RowsInput): Promise<void> {
    try {
      for await (const piece of rowPieces(rows)) {
        await this.store(piece)
        this.#read += piece.length
        if (!this.#client) this.#runtime.wake()
      }
    } catch (error) {
      throw this.#incomplete(error)
    }
  }

  async finish(): Promise<InsertResult> {
    const { wait, timeoutMs, signal, onProgress, ids } = this.#options
    const result = { ids: ids === false ? [] : this.#ids, count: this.#count, invalid: this.#invalid }
    if (!isWaiting(this.#options)) return result
    const run = await waitForRows(this.#runtime, this.#model, this.#ids, {
      columns: Array.isArray(wait) ? (wait as readonly string[]) : null,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    })
    return { ...result, run }
  }

  #parse(rows: readonly Readonly<Record<string, unknown>>[]): Promise<ParsedRows> {
    const { signal } = this.#options
    const media = this.#client ? this.#runtime.media.on(this.#client) : this.#runtime.media
    return parseRows(this.#table, rows, {
      firstIndex: this.#read,
      onInvalid: this.#options.onInvalid ?? 'error',
      derived: derivedColumns(this.#table, this.#model),
      takeIn: (slots, reject) => takeMediaIn(media, slots, reject, { concurrency: this.#concurrency, signal }),
    })
  }

  /** An error after some pieces are stored says how many. */
  #incomplete(error: unknown): unknown {
    if (!isVivantError(error))
      return new VivantError(
        'ABORTED',
        `The source of the rows failed after ${this.#count} rows were stored: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
          details: { table: this.#table.name, stored: this.#count, ids: this.#ids },
        },
      )
    if (!this.#count) return error
    return new VivantError(
      error.code,
      `${error.message.replace(/, so nothing was stored/u, ', so its piece was not stored')} Before it, ${this.#count} rows were stored; their ids are in details.ids.`,
      {
        cause: error,
        details: { ...error.details, stored: this.#count, ids: this.#ids },
      },
    )
  }
}

/** Names of columns that a write cannot name. */
export function derivedColumns(table: TableDefinition, model: TableModel): ReadonlySet<string> {
  return new Set([...table.computed, ...model.cells, ...model.virtual].map((column) => column.name))
}

function isWaiting(options: InsertOptions): options is InsertOptions & { readonly wait: true | readonly string[] } {
  return options.wait !== undefined && options.wait !== false
}

import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { containsMedia, encodeJson, type DataType, type IteratorDefinition, PermanentError, type RetryPolicy, validateItem, VivantError } from '@vivant/core'
import { type ExpandedRow, type ExpansionPiece, madeOrder } from '@vivant/storage'
import { takeIn } from './convert-media.ts'
import type { MediaBorder } from './media-border.ts'

/** What one piece holds at most: memory is bounded however long a list is. */
const pieceRows = 1000
const pieceBytes = 8 * 1024 ** 2
/** Beyond these an iterator is taken for one that has no end, or whose rows belong into the media store. */
const maxRows = 10_000_000
const maxRowBytes = 64 * 1024 ** 2
/** A generator that does not wait may hold the event loop this long. */
const turnMs = 8

type Source = Iterable<unknown> | AsyncIterable<unknown>

/** What an iterator's rows need around them. */
export interface ExpandingRowOptions {
  readonly media: MediaBorder
  /** The worker stops. */
  readonly signal: AbortSignal
  /** Tells the iterator's own signal that nobody waits for more. */
  readonly abort: (reason: Error) => void
}

/** An iterator at work for one row: its items as rows of the view, piece by piece. */
export class ExpandingRow {
  readonly #definition: IteratorDefinition
  readonly #items: Iterator<unknown> | AsyncIterator<unknown>
  readonly #isAsync: boolean
  readonly #type: DataType
  readonly #hasMedia: boolean
  readonly #names: readonly string[]
  readonly #options: ExpandingRowOptions
  /** The item behind the piece: a piece is committed only when it is known whether more comes. */
  #ahead: ExpandedRow | undefined
  #aheadBytes = 0
  #taken = 0
  #spentMs = 0
  #piece: ExpansionPiece = { from: 0, rows: [], last: false }
  #pieceBytes = 0
  #isOver = false

  private constructor(source: Source, definition: IteratorDefinition, options: ExpandingRowOptions) {
    this.#definition = definition
    this.#isAsync = Symbol.asyncIterator in source
    this.#items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
    this.#type = { kind: 'record', fields: Object.fromEntries(definition.columns.map(({ name, type, nullable }) => [name, { type, nullable }])) }
    this.#hasMedia = containsMedia(this.#type)
    this.#names = madeOrder(definition.columns.map(({ name }) => name))
    this.#options = options
  }

  /** With its first piece. Rejects with what the iterator throws, TIMEOUT, OUTPUT_INVALID. */
  static async open(source: unknown, definition: IteratorDefinition, options: ExpandingRowOptions): Promise<ExpandingRow> {
    if (!isSource(source)) throw new VivantError('OUTPUT_INVALID', `${definition.name ?? 'The iterator'} returned no generator, array or other iterable.`)
    const row = new ExpandingRow(source, definition, options)
    await row.#advance(async () => {
      row.#ahead = await row.#take()
      return row.#read(0)
    })
    return row
  }

  get retry(): RetryPolicy {
    return this.#definition.retry
  }

  get piece(): ExpansionPiece {
    return this.#piece
  }

  /** About as much as the piece holds in memory. */
  get pieceBytes(): number {
    return this.#pieceBytes
  }

  /** Moves on to the next piece. After a failure nothing more comes. */
  async next(): Promise<void> {
    const from = this.#piece.from + this.#piece.rows.length
    await this.#advance(() => this.#read(from))
  }

  /** Lets the generator clean up, when the rest is not wanted. Waits for nothing: it may never come back. */
  close(reason: Error = new Error('The rest of the rows is not wanted.')): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.abort(reason)
    void this.#return().catch(() => {})
  }

  async #return(): Promise<void> {
    await this.#items.return?.()
  }

  async #advance(read: () => Promise<ExpansionPiece>): Promise<void> {
    try {
      this.#piece = await this.#timed(read)
    } catch (error) {
      this.close(error instanceof Error ? error : undefined)
      throw error
    }
    this.#isOver ||= this.#piece.last
  }

  async #read(from: number): Promise<ExpansionPiece> {
    const rows: ExpandedRow[] = []
    let turnBegan = performance.now()
    let bytes = 0
    while (this.#ahead && rows.length < pieceRows && bytes < pieceBytes) {
      rows.push(this.#ahead)
      bytes += this.#aheadBytes
      // most iterators wait for nothing: a promise for each row would cost more than the row
      const next = this.#take()
      this.#ahead = next instanceof Promise ? await next : next
      if (performance.now() - turnBegan > turnMs) {
        await nextTurn()
        turnBegan = performance.now()
      }
    }
    this.#pieceBytes = bytes
    return { from, rows, last: this.#ahead === undefined }
  }

  #take(): ExpandedRow | undefined | Promise<ExpandedRow | undefined> {
    const { signal } = this.#options
    if (signal.aborted) throw signal.reason
    const step = this.#items.next()
    return this.#isAsync ? Promise.resolve(step).then((result) => this.#accept(result)) : this.#accept(step as IteratorResult<unknown>)
  }

  #accept(result: IteratorResult<unknown, unknown>): ExpandedRow | undefined | Promise<ExpandedRow> {
    if (result.done) return undefined
    if (++this.#taken > maxRows)
      throw new PermanentError(`${this.#definition.name ?? 'The iterator'} gave more than ${maxRows} rows for one row: it seems to have no end.`)
    const item = validateItem(result.value, this.#definition)
    if (!this.#hasMedia) return this.#rowOf(item)
    const { signal, media } = this.#options
    return takeIn(this.#type, item, media, signal).then((taken) => this.#rowOf(taken as typeof item))
  }

  #rowOf(item: Readonly<Record<string, unknown>>): ExpandedRow {
    const text = JSON.stringify(encodeJson(this.#type, item))
    if (text.length > maxRowBytes)
      throw new PermanentError(
        `Row ${this.#taken - 1} of ${this.#definition.name ?? 'the iterator'} has ${text.length} characters: store such values as files.`,
      )
    this.#aheadBytes = text.length
    return { content: contentOf(text), values: this.#names.map((name) => item[name]) }
  }

  /** All pieces together have the time of one call; what the commits between them take does not count. */
  async #timed<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const { timeoutMs, name } = this.#definition
    const { signal } = this.#options
    const { promise: given, reject: giveUp } = Promise.withResolvers<never>()
    const onAbort = (): void => giveUp(signal.reason as Error)
    const timer = setTimeout(
      () => giveUp(new VivantError('TIMEOUT', `${name ?? 'The iterator'} took longer than ${timeoutMs} ms.`)),
      Math.max(0, timeoutMs - this.#spentMs),
    )
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([work(), given])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      this.#spentMs += performance.now() - began
    }
  }
}

function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
}

/** The first half of a SHA-256, in the form of a uuid. */
export function contentOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32)
}

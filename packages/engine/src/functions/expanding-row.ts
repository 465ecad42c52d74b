import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { encodeJson, type DataType, type IteratorDefinition, PermanentError, type RetryPolicy, validateItem, VivantError } from '@vivant/core'
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

/** An iterator at work for one row: its items as rows of the view, piece by piece. */
export class ExpandingRow {
  readonly #definition: IteratorDefinition
  readonly #items: Iterator<unknown> | AsyncIterator<unknown>
  readonly #type: DataType
  readonly #names: readonly string[]
  readonly #media: MediaBorder
  readonly #signal: AbortSignal
  /** The item behind the piece: a piece is committed only when it is known whether more comes. */
  #ahead: ExpandedRow | undefined
  #taken = 0
  #spentMs = 0
  #piece: ExpansionPiece = { from: 0, rows: [], last: false }

  private constructor(source: Source, definition: IteratorDefinition, media: MediaBorder, signal: AbortSignal) {
    this.#definition = definition
    this.#items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
    this.#type = { kind: 'record', fields: Object.fromEntries(definition.columns.map(({ name, type, nullable }) => [name, { type, nullable }])) }
    this.#names = madeOrder(definition.columns.map(({ name }) => name))
    this.#media = media
    this.#signal = signal
  }

  /** With its first piece. Rejects with what the iterator throws, TIMEOUT, OUTPUT_INVALID. */
  static async open(source: unknown, definition: IteratorDefinition, media: MediaBorder, signal: AbortSignal): Promise<ExpandingRow> {
    if (!isSource(source)) throw new VivantError('OUTPUT_INVALID', `${definition.name ?? 'The iterator'} returned no generator, array or other iterable.`)
    const row = new ExpandingRow(source, definition, media, signal)
    row.#ahead = await row.#timed(() => row.#take())
    await row.next()
    return row
  }

  get retry(): RetryPolicy {
    return this.#definition.retry
  }

  get piece(): ExpansionPiece {
    return this.#piece
  }

  /** Moves on to the next piece. */
  async next(): Promise<void> {
    const from = this.#piece.from + this.#piece.rows.length
    this.#piece = await this.#timed(() => this.#read(from))
  }

  /** Lets the generator clean up, when the rest is not wanted. */
  async close(): Promise<void> {
    await this.#items.return?.()
  }

  async #read(from: number): Promise<ExpansionPiece> {
    const rows: ExpandedRow[] = []
    let turnBegan = performance.now()
    for (let bytes = 0; this.#ahead && rows.length < pieceRows && bytes < pieceBytes;) {
      rows.push(this.#ahead)
      bytes += this.#aheadBytes
      this.#ahead = await this.#take()
      if (performance.now() - turnBegan > turnMs) {
        await nextTurn()
        turnBegan = performance.now()
      }
    }
    return { from, rows, last: this.#ahead === undefined }
  }

  #aheadBytes = 0

  async #take(): Promise<ExpandedRow | undefined> {
    if (this.#signal.aborted) throw this.#signal.reason
    const step = this.#items.next()
    const result: IteratorResult<unknown, unknown> = await step
    if (result.done) return undefined
    if (++this.#taken > maxRows)
      throw new PermanentError(`${this.#definition.name ?? 'The iterator'} gave more than ${maxRows} rows for one row: it seems to have no end.`)
    const item = (await takeIn(this.#type, validateItem(result.value, this.#definition), this.#media, this.#signal)) as Readonly<Record<string, unknown>>
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
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new VivantError('TIMEOUT', `${name ?? 'The iterator'} took longer than ${timeoutMs} ms.`)),
      Math.max(0, timeoutMs - this.#spentMs),
    )
    try {
      return await Promise.race([work(), late])
    } finally {
      clearTimeout(timer)
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

import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ComputedColumnDefinition,
  type FunctionContext,
  iterator,
  type SchemaOf,
  t,
  table,
  type TableDefinition,
  tableDefinition,
  udf,
  view,
} from '@vivant/core'
import { declareColumns } from '../../../packages/vivant/src/declare/declare-columns.ts'
import { createDeclaredTable } from '../../../packages/vivant/src/declare/create-table.ts'
import type { Runtime } from '../../../packages/vivant/src/runtime/runtime.ts'
import { createTableHandle } from '../../../packages/vivant/src/table/table-impl.ts'

/** What a service says that is down for the moment. */
class Unavailable extends Error {
  readonly status = 503
}

const retry = { attempts: 3, backoff: 'constant', initialMs: 1, maxMs: 2 } as const
export const attempts: number = retry.attempts

/** A piece of text that an iterator fails at for good. */
export const badPiece = 'bad'
/** One at which its first attempt fails, behind the pieces before it. */
export const waitPiece = 'wait'
/** Of an n from here on, a list is longer than one commit's piece. */
export const longFrom = 7
export const longRows = 1100

/** Which rows each function was called for: what was made again, and what was not. */
export class CallCounts {
  #calls: { readonly name: string; readonly ids: readonly number[] }[] = []

  note(name: string, { ids }: FunctionContext): void {
    this.#calls.push({ name, ids })
  }

  /** The rows for which these functions were called since the last look. */
  take(...names: readonly string[]): readonly ReadonlySet<number>[] {
    const calls = this.#calls
    this.#calls = []
    return names.map((name) => new Set(calls.flatMap((call) => (call.name === name ? call.ids : []))))
  }
}

/** Which form of a definition stands: each new one is another version of its code, and every second gives the same. */
export interface Variants {
  readonly pieces: number
  readonly loud: number
  readonly named: number
}

export function shouted(title: string, variant: number): string {
  return title.toUpperCase() + '!'.repeat(variant % 2)
}
export function piecesOf(body: string, variant: number): readonly string[] {
  const pieces = body.split(' ').filter(Boolean)
  return variant % 2 ? pieces.toReversed() : pieces
}
export function named(title: string, text: string, variant: number): string {
  return variant % 2 ? `${text}/${title}` : `${title}/${text}`
}
export function assembled(title: string, names: readonly string[]): string {
  return `${title}: ${names.join(' ')}`
}
/** How many attempts fail before one does not. */
export function failingAttempts(n: number): number {
  return n % 4
}
export function scoreOf(n: number): number {
  return n * 2
}
export function listOf(n: number): readonly number[] {
  return Array.from({ length: n >= longFrom ? longRows + n : n }, (_, index) => index + Math.floor(n / 2))
}

/**
 * Five views on three levels below one table: rows that an iterator makes, rows that a filter leaves, views of a view, a list that is longer
 * than a piece; columns that read stored and computed columns of one and two levels above, a column of the users' own, functions and
 * iterators that fail now and then or for good, two pools, and roll-ups on two levels.
 */
export class ViewProgram {
  readonly calls: CallCounts = new CallCounts()
  variants: Variants = { pieces: 0, loud: 0, named: 0 }
  readonly #runtime: Runtime
  readonly #join = udf({ name: 'join', input: [t.text(), t.text()], output: t.text(), version: '1' }, (left, right) => `${left}/${right}`)
  readonly #measure = udf({ name: 'measure', input: [t.text()], output: t.int(), version: '1' }, async (text, context) => {
    this.calls.note('measure', context)
    await this.#pause()
    return text.length
  })
  readonly #score = udf({ name: 'score', input: [t.int()], output: t.int(), version: '1', pool: 'slow' }, (n, { attempt }) => {
    if (attempt <= failingAttempts(n)) throw new Unavailable('come back later')
    return scoreOf(n)
  })
  readonly #add = udf({ name: 'add', input: [t.int(), t.int()], output: t.int(), version: '1', pool: 'slow' }, (left, right) => left + right)
  readonly #assemble = udf({ name: 'assemble', input: [t.text(), t.array(t.text())], output: t.text(), version: '1' }, assembled)
  readonly #letters = iterator({ name: 'letters', input: [t.text()], output: { letter: t.text() }, version: '1' }, (text, context) => {
    this.calls.note('letters', context)
    return text.split('').map((letter) => ({ letter }))
  })
  readonly #list = iterator({ name: 'list', input: [t.int()], output: { k: t.int() }, version: '1' }, (n) => listOf(n).map((k) => ({ k })))

  readonly #slowMs: number

  /** With `slowMs` each row takes its time, so that a kill falls into it. */
  constructor(runtime: Runtime, slowMs: number = 0) {
    this.#runtime = runtime
    this.#slowMs = slowMs
  }

  async create(): Promise<void> {
    const docs = this.#docs()
    const parts = this.#parts()
    const letters = view('letters', { of: parts, iterate: (part) => this.#letters(part.text) })
      .computed('up', (row) => this.#join(row.parent.parent.loud, row.letter))
      .computed('deep', (row) => this.#join(row.parent.named, row.letter))
    const long = view('long', { of: parts, where: (part) => part.size.gt(2) }).computed('tag', (row) => this.#join(row.parent.parent.title, row.parent.text))
    const high = view('high', { of: docs, where: (doc) => doc.score.gt(4) }).computed('label', (row) => this.#join(row.parent.loud, row.parent.title))
    const lists = view('lists', { of: docs, iterate: (doc) => this.#list(doc.n) })
    for (const definition of [
      tableDefinition(docs),
      tableDefinition(parts),
      tableDefinition(letters),
      tableDefinition(long),
      tableDefinition(high),
      tableDefinition(lists),
    ])
      await this.#declare(definition)
    const own = await createTableHandle<SchemaOf<typeof parts>>(this.#runtime, tableDefinition(parts))
      // a column of the users' own, and one that is made of it
      .addColumn('note', t.text().nullable())
      .addComputedColumn('noted', (row) => this.#join(row.parent.title, row.note))
      .addComputedColumn('letters', (row) => letters.of(row).count())
    await createTableHandle<SchemaOf<typeof docs>>(this.#runtime, tableDefinition(docs))
      .addComputedColumn('pieces', (doc) => own.of(doc).count())
      .addComputedColumn('total', (doc) => own.of(doc).sum((part) => part.letters))
      .addComputedColumn('names', (doc) => {
        const names = own.of(doc).collect((part) => part.named)
        return this.#assemble(doc.title, names)
      })
  }

  /** The next form of a definition. Resolves when it is published. */
  async replace(what: keyof Variants): Promise<void> {
    this.variants = { ...this.variants, [what]: this.variants[what] + 1 }
    if (what === 'pieces') return createDeclaredTable(this.#runtime, tableDefinition(this.#parts()))
    const definition = what === 'loud' ? tableDefinition(this.#docs()) : tableDefinition(this.#parts())
    const column = definition.computed.find(({ name }) => name === what)!
    await this.#declareColumns(definition, [column])
  }

  async #pause(): Promise<void> {
    if (this.#slowMs > 0) await sleep(this.#slowMs)
  }

  #docs() {
    const variant = this.variants.loud
    const loud = udf({ name: 'loud', input: [t.text()], output: t.text(), version: `1.${variant}` }, (title) => shouted(title, variant))
    return table('docs', { title: t.text(), body: t.text().nullable(), n: t.int(), hidden: t.boolean().default(false) })
      .computed('loud', (doc) => loud(doc.title))
      .computed('score', (doc) => this.#score(doc.n), { retry })
  }

  #parts() {
    const { pieces: variant, named: other } = this.variants
    const pause = (): Promise<void> => this.#pause()
    const pieces = iterator(
      { name: 'pieces', input: [t.text()], output: { text: t.text() }, version: `1.${variant}`, retry },
      async function* (body, { attempt }) {
        for (const text of piecesOf(body, variant)) {
          await pause()
          if (text === badPiece) throw new Error('a piece that cannot be')
          if (text === waitPiece && attempt === 1) throw new Unavailable('the piece comes later')
          yield { text }
        }
      },
    )
    const name = udf({ name: 'name', input: [t.text(), t.text()], output: t.text(), version: `1.${other}` }, (title, text) => named(title, text, other))
    return view('parts', { of: this.#docs(), iterate: (doc) => pieces(doc.body), where: (doc) => doc.hidden.not() })
      .computed('size', (part) => this.#measure(part.text))
      .computed('named', (part) => name(part.parent.title, part.text))
      .computed('loudly', (part) => this.#join(part.parent.loud, part.text))
      .computed('scored', (part) => this.#add(part.parent.score, part.size))
  }

  async #declare(definition: TableDefinition): Promise<void> {
    await createDeclaredTable(this.#runtime, definition)
    if (definition.computed.length) await this.#declareColumns(definition, definition.computed)
  }

  async #declareColumns(definition: TableDefinition, columns: readonly ComputedColumnDefinition[]): Promise<void> {
    const declared = columns.map((column) => ({ kind: 'computed' as const, column }))
    await declareColumns(this.#runtime, definition, declared)
  }
}

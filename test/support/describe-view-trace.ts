import { functionOfIterator, iterator, t, table, tableDefinition, view } from '@vivant/core'
import type { Database } from '@vivant/storage'
import { createDeclaredTable } from '../../packages/vivant/src/declare/create-table.ts'
import type { Runtime } from '../../packages/vivant/src/runtime/runtime.ts'
import { findUncovered } from './check-coverage.ts'
import { ClaimWorker } from './claim-worker.ts'
import { FunctionLibrary } from './function-library.ts'
import { pollUntil } from './poll-until.ts'
import { describeGuard, type GuardedTrace } from './test-guard.ts'
import { UserSession } from './user-session.ts'

/** A trace of views: as `Trace`, over a parent with the column `x` and a view whose rows the trace says for each x. */
export interface ViewTrace extends GuardedTrace {
  readonly steps: (world: ViewWorld) => Promise<void>
  /** What the view's texts of a parent are at rest. */
  readonly reference: (x: number) => readonly string[]
}

type ListSource = () => Iterable<string> | AsyncIterable<string>

export interface Child {
  readonly id: number
  readonly parent: number
  readonly text: string
}

/** What a trace of views works with. The iterator gives the list of its x; a trace's own list may wait in the middle. */
export class ViewWorld implements AsyncDisposable {
  readonly database: Database
  readonly parent: string
  readonly view: string
  readonly functions = new FunctionLibrary()
  readonly #url: string | undefined
  readonly #lists = new Map<number, ListSource>()
  readonly #sessions: UserSession[] = []
  #violation: string | null = null

  private constructor(database: Database, name: string, url: string | undefined) {
    this.database = database
    this.parent = name
    this.view = `${name}_rows`
    this.#url = url
  }

  static async create(runtime: Runtime, name: string, url: string | undefined): Promise<ViewWorld> {
    const world = new ViewWorld(runtime.database, name, url)
    const list = iterator({ name: `list_${name}`, input: [t.int()], output: { text: t.text() }, version: '1', timeoutMs: 60_000 }, async function* (x) {
      for await (const text of world.#lists.get(x)!()) yield { text }
    })
    const parent = table(name, { x: t.int() })
    world.functions.addDefinitions(functionOfIterator(list.definition))
    await createDeclaredTable(runtime, tableDefinition(parent))
    await createDeclaredTable(runtime, tableDefinition(view(world.view, { of: parent, iterate: (row) => list(row.x) })))
    return world
  }

  get violation(): string | null {
    return this.#violation
  }
  violated(what: string): void {
    this.#violation ??= what
  }

  /** What the iterator gives for this x from now on. */
  lists(x: number, source: ListSource): void {
    this.#lists.set(x, source)
  }

  /** A user's statement: `$p` is the parent, `$v` the view. */
  async sql(text: string): Promise<void> {
    await this.database.query(this.named(text))
  }
  named(text: string): string {
    return text.replaceAll('$p', this.parent).replaceAll('$v', this.view)
  }

  async session(): Promise<UserSession> {
    const session = await UserSession.open(this.#url!)
    this.#sessions.push(session)
    return session
  }

  /** Claims what is free of the parents' expansions, and settles it. */
  async work(database: Database = this.database): Promise<void> {
    await new ClaimWorker(database, this.functions, ['default/views']).settleOne()
  }

  /** Until there is no task left: what was put back comes after a while. */
  async finishAll(): Promise<void> {
    const worker = new ClaimWorker(this.database, this.functions, ['default/views'])
    await pollUntil('all tasks are done', async () => {
      await worker.settleAll()
      const { rows } = await this.database.query<{ n: number }>(`select count(*)::int as n from vivant.task where pool like '%/views'`)
      return rows[0]!.n === 0
    })
  }

  /** As readers see them, or as they lie in their table. */
  async children(from: 'live' | 'stored' = 'live'): Promise<readonly Child[]> {
    const { rows } = await this.database.query<Child>(
      this.named(`select _id as id, _parent as parent, text from ${from === 'live' ? 'live.' : ''}$v order by _parent, pos`),
    )
    return rows
  }

  /** What a worker waits for in the middle of its work, if it waits. */
  async isWaiting(): Promise<boolean> {
    const { rowCount } = await this.database.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%skip locked%' is not true
      and (query like '%for key share%' or query like '%for update%')`)
    return rowCount > 0
  }

  async violationAtRest(reference: (x: number) => readonly string[]): Promise<string | null> {
    if (this.#violation) return this.#violation
    const [uncovered] = await findUncovered(this.database)
    if (uncovered) return 'I1: the expansion is not current and nothing covers it'
    await this.finishAll()
    const { rows } = await this.database.query<{ _id: number; x: number }>(this.named('select _id, x from $p order by _id'))
    const [live, stored] = [await this.children(), await this.children('stored')]
    for (const { _id, x } of rows) {
      const expected = describeList(reference(x))
      const found = describeList(live.filter(({ parent }) => parent === _id).map(({ text }) => text))
      if (found !== expected) return `I3: at rest the rows are ${found}, the reference ${expected}`
    }
    return live.length === stored.length ? null : `I3: ${stored.length - live.length} rows are left that nobody sees`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session[Symbol.asyncDispose]()
  }
}

/** Equal neighbours together: `a×1000 b×3`. */
function describeList(texts: readonly string[]): string {
  const runs: { text: string; times: number }[] = []
  for (const text of texts) {
    const last = runs.at(-1)
    const letter = text[0] ?? ''
    if (last?.text === letter) last.times++
    else runs.push({ text: letter, times: 1 })
  }
  return runs.map(({ text, times }) => `${text}×${times}`).join(' ') || 'none'
}

/** A place where a list waits until the test lets it go on. */
export class Gate {
  readonly #reached = Promise.withResolvers<void>()
  readonly #opened = Promise.withResolvers<void>()

  /** Called by the list. */
  async pass(): Promise<void> {
    this.#reached.resolve()
    await this.#opened.promise
  }
  get reached(): Promise<void> {
    return this.#reached.promise
  }
  open(): void {
    this.#opened.resolve()
  }
}

/** So many rows of one letter. */
export function many(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index}`)
}

/** Runs a trace with its guard, where it must hold, and without it, where the violation must be seen. */
export function describeViewTrace(trace: ViewTrace): void {
  describeGuard(
    trace,
    (...place) => ViewWorld.create(...place),
    async (world) => {
      await trace.steps(world)
      return world.violationAtRest(trace.reference)
    },
  )
}

import { randomUUID } from 'node:crypto'
import { defineComputedColumn, history, t, table, tableDefinition, udf } from '@vivant/core'
import { CatalogCache, GroupPiece, Pace, processClaim } from '@vivant/engine'
import { type Claim, claimTasks, releaseTasks } from '@vivant/queue'
import { commitGroup, type Database, type GroupPlace, type HistoryColumn, isHistoryColumn, loadGroup, type TableModel } from '@vivant/storage'
import { createDeclaredTable } from '../../packages/vivant/src/declare/create-table.ts'
import { declareColumns } from '../../packages/vivant/src/declare/declare-columns.ts'
import type { Runtime } from '../../packages/vivant/src/runtime/runtime.ts'
import { engineContext, FunctionLibrary } from './function-library.ts'
import { pollUntil } from './poll-until.ts'
import { describeGuard, type GuardedTrace } from './test-guard.ts'
import type { IntRow } from './test-table.ts'
import { UserSession } from './user-session.ts'

/** A trace of history columns: over a table with `g`, `at` and `x`, whose column `h` is `(2 * the h before it + c) % 97`, where `c` is x + 1. */
export interface GroupTrace extends GuardedTrace {
  readonly steps: (world: GroupWorld) => Promise<void>
}

const next = udf({ name: 'next_h', input: [t.int(), t.array(t.record({ h: t.int().nullable() }))], output: t.int(), version: '1' }, (c, earlier) =>
  follow(earlier.at(-1)?.h ?? 0, c),
)
const plusOne = udf({ name: 'plus_one_c', input: [t.int()], output: t.int(), version: '1' }, (x) => x + 1)

function follow(before: number, c: number): number {
  return (2 * before + c) % 97
}

export class GroupWorld implements AsyncDisposable {
  readonly database: Database
  readonly name: string
  readonly functions = new FunctionLibrary(next, plusOne)
  readonly #url: string | undefined
  readonly #sessions: UserSession[] = []

  private constructor(database: Database, name: string, url: string | undefined) {
    this.database = database
    this.name = name
    this.#url = url
  }

  static async create(runtime: Runtime, name: string, url: string | undefined): Promise<GroupWorld> {
    const definition = tableDefinition(table(name, { g: t.int(), at: t.int(), x: t.int() }))
    await createDeclaredTable(runtime, definition)
    const c = defineComputedColumn(definition, 'c', (row: IntRow) => plusOne(row['x']!))
    const withC = { ...definition, computed: [c] }
    const h = defineComputedColumn(withC, 'h', (row: IntRow) =>
      next(row['c']!, history(row, { by: (r) => r['g']!, orderBy: (r) => r['at']!, last: 1, select: (_, self) => ({ h: self(next) }) })),
    )
    await declareColumns(runtime, definition, [
      { kind: 'computed', column: c },
      { kind: 'computed', column: h },
    ])
    return new GroupWorld(runtime.database, name, url)
  }

  /** A user's statement; `$t` is the table. */
  async sql(text: string): Promise<void> {
    await this.database.query(this.named(text))
  }
  named(text: string): string {
    return text.replaceAll('$t', this.name)
  }

  async session(): Promise<UserSession> {
    const session = await UserSession.open(this.#url!)
    this.#sessions.push(session)
    return session
  }

  async cellTable(column: string): Promise<string> {
    const { rows } = await this.database.query<{ cells: string }>({
      text: `select 'vivant_data.' || cell_table as cells from vivant."column" c join vivant."table" t on t.id = c.table_id where t.name = $1 and c.name = $2`,
      values: [this.name, column],
    })
    return rows[0]!.cells
  }

  /** Until a worker's commit waits for a row that somebody has locked. */
  async waitsForLock(): Promise<void> {
    await pollUntil('a commit waits', async () => {
      const { rowCount } = await this.database.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into vivant_data.%'`)
      return rowCount > 0
    })
  }

  worker(database: Database = this.database): GroupWorker {
    return new GroupWorker(database, this.functions, this.name)
  }

  async finishAll(): Promise<void> {
    const worker = this.worker()
    await pollUntil('all tasks are done', async () => {
      for (let claim = await worker.claim(); claim; claim = await worker.claim()) await worker.settle(claim)
      const { rows } = await this.database.query<{ n: number }>(`select count(*)::int as n from vivant.task where kind <> 'sweep'`)
      return rows[0]!.n === 0
    })
  }

  /** What is wrong at rest. */
  async violation(): Promise<string | null> {
    await this.finishAll()
    const { rows } = await this.database.query<{ _id: number; g: number; x: number; h: number | null; status: Readonly<Record<string, string>> }>(
      this.named('select _id, g, x, h, _status as status from live.$t order by g, at, _id'),
    )
    const before = new Map<number, number>()
    for (const { _id, g, x, h, status } of rows) {
      const expected = follow(before.get(g) ?? 0, x + 1)
      if (h !== expected) return `I3: at rest h of row ${_id} is ${h}, the reference ${expected}`
      if (status['h']) return `I1: h of row ${_id} is ${status['h']}, and nothing covers it`
      before.set(g, expected)
    }
    return null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session[Symbol.asyncDispose]()
  }
}

/** A worker whose steps a test takes one by one. */
export class GroupWorker {
  readonly #work: Parameters<typeof processClaim>[0]
  readonly #table: string

  constructor(database: Database, functions: FunctionLibrary, name: string) {
    const context = engineContext({ database, functions, owner: randomUUID() })
    this.#work = { context, catalog: new CatalogCache(database, functions), pace: new Pace(), signal: new AbortController().signal }
    this.#table = name
  }

  async claim(kinds: readonly ('fresh' | 'retry' | 'backfill' | 'group')[] = ['fresh', 'group', 'retry', 'backfill']): Promise<Claim | null> {
    const { context, catalog } = this.#work
    await catalog.refresh()
    for (const kind of kinds) {
      const claim = await claimTasks(context.database, {
        owner: context.owner,
        kind,
        pools: ['default', 'default/groups'],
        runnable: catalog.runnable,
        maxIds: 1000,
        after: 0,
      })
      if (claim) return claim
    }
    return null
  }

  async settle(claim: Claim): Promise<void> {
    await processClaim(this.#work, claim)
  }

  /** Claims a task of this kind, and settles it. */
  async work(kind: 'fresh' | 'group'): Promise<void> {
    const claim = await this.claim([kind])
    if (!claim) throw new Error(`there is no ${kind} task`)
    await this.settle(claim)
  }

  /** Claims the tasks of groups, then loads and evaluates the one of them that holds the rows with this `g`. What is left is the commit. */
  async prepare(g: number, rows = 100): Promise<PreparedGroup> {
    const prepared = await this.tryPrepare(g, rows)
    if (!prepared) throw new Error(`nothing is to be done in the group ${g} of ${this.#table}`)
    return prepared
  }

  /** Null when the group is right. */
  async tryPrepare(g: number, rows: number): Promise<PreparedGroup | null> {
    const { context, catalog, signal } = this.#work
    const claim = await this.claim(['group'])
    if (!claim) throw new Error('there is no task of a group')
    const model = (await catalog.table(claim.tableId))!
    const column = model.cells.find((cell): cell is HistoryColumn => isHistoryColumn(cell))!
    const { rows: found } = await context.database.query<{ bucket: number }>(`select hash_record_extended(row(${g}::int8), 0) & 9007199254740991 as bucket`)
    const group = found[0]!.bucket
    const loaded = await loadGroup(context.database, model, column, { plan: catalog.plan(model, claim.pool), group, rows: rows + 1 })
    if (!loaded) {
      await releaseTasks(
        context.database,
        context.owner,
        claim.tasks.map(({ id }) => id),
      )
      return null
    }
    const piece = await new GroupPiece(context, model, column, loaded, { rows, blame: false, signal }).evaluate()
    const { token, commits, events } = loaded
    return new PreparedGroup(this.#work.context, { model, column, group, claim, token, commits, start: events[0]?.place ?? null, piece })
  }
}

interface PreparedParts {
  readonly model: TableModel
  readonly column: HistoryColumn
  readonly group: number
  readonly claim: Claim
  readonly token: number
  readonly commits: number
  readonly start: GroupPlace | null
  readonly piece: Awaited<ReturnType<GroupPiece['evaluate']>>
}

export class PreparedGroup {
  readonly #context: ReturnType<typeof engineContext>
  readonly #parts: PreparedParts

  constructor(context: ReturnType<typeof engineContext>, parts: PreparedParts) {
    this.#context = context
    this.#parts = parts
  }

  /** The commit, after which the worker gives its tasks back: what there is still to do is found by whoever claims them. */
  async commit(): Promise<string> {
    const { model, column, group, claim, token, commits, start, piece } = this.#parts
    const tasks = claim.tasks.map(({ id }) => id)
    const { database, owner } = this.#context
    const since = Math.min(...claim.tasks.map((task) => task.since))
    const result = await commitGroup(database, { model, column, group, owner, tasks, since, token, commits, start, ...piece })
    await releaseTasks(database, owner, tasks)
    return result
  }
}

/** Runs a trace with its guard, where it must hold, and without it, where the violation must be seen. */
export function describeGroupTrace(trace: GroupTrace): void {
  describeGuard(
    trace,
    (...place) => GroupWorld.create(...place),
    async (world) => {
      await trace.steps(world)
      return world.violation()
    },
  )
}

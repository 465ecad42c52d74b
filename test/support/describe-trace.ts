import type { HasFunction } from '@vivant/core'
import type { Database } from '@vivant/storage'
import { afterAll, beforeAll } from 'vitest'
import { describeEngines } from '../engines.ts'
import { findUncovered, findUnsettled } from './check-coverage.ts'
import { FunctionLibrary } from './function-library.ts'
import { type GuardedTrace, testGuard } from './test-guard.ts'
import { StepWorker } from './step-worker.ts'
import { createIntTable, openSystem, type StoredCell, type TestTable } from './test-table.ts'
import { UserSession } from './user-session.ts'

/** A trace of the protocol: steps that go wrong where its guard is missing, on a real database. */
export interface Trace extends GuardedTrace {
  /** What is seen is a wrong value at rest: the checker's idea of a token is not the mutation's. */
  readonly atRestOnly?: boolean
  readonly steps: (world: TraceWorld) => Promise<void>
  /** What the cells of a row are at rest: a value is `ok`, a text its status. */
  readonly reference: (row: TraceRow) => Readonly<Record<string, Expected>>
}

export interface TraceRow {
  readonly _id: number
  readonly x: number
  readonly y: number
}
export type Expected = number | null | 'failed' | 'blocked' | 'skipped'

/** What a trace works with: a table of its own, step workers, and sessions of users. */
export class TraceWorld implements AsyncDisposable {
  readonly database: Database
  readonly table: TestTable
  readonly functions = new FunctionLibrary()
  readonly #url: string | undefined
  readonly #sessions: UserSession[] = []
  #violation: string | null = null

  constructor(database: Database, table: TestTable, url: string | undefined) {
    this.database = database
    this.table = table
    this.#url = url
  }

  get violation(): string | null {
    return this.#violation
  }

  /** Something that must never be was seen on the way. */
  violated(what: string): void {
    this.#violation ??= what
  }

  use(...functions: readonly HasFunction[]): void {
    this.functions.add(...functions)
  }

  worker(pool?: string, database: Database = this.database): StepWorker {
    return new StepWorker(database, this.functions, pool)
  }

  /** A user's statement, committed at once. `$t` is the table. */
  async sql(text: string): Promise<void> {
    await this.database.query(text.replaceAll('$t', this.table.name))
  }

  async session(): Promise<UserSession> {
    const session = await UserSession.open(this.#url!)
    this.#sessions.push(session)
    return session
  }

  async cell(column: string, id = 1): Promise<StoredCell | undefined> {
    return (await this.table.cells(column)).get(id)
  }

  /** Other rows draw from the same counter, so gaps of any size are possible: more than both inputs' numbers together. */
  async drawNumbers(): Promise<void> {
    await this.database.query(`select setval('vivant.seq', 2 * nextval('vivant.seq') + 1000)`)
  }

  async finishAll(): Promise<void> {
    const { rows } = await this.database.query<{ pool: string }>('select distinct pool from vivant."column" where cell_table is not null')
    // what one pool commits may be work for another
    for (let round = 0; round < 4; round++) for (const { pool } of rows) await this.worker(pool).finishAll()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session[Symbol.asyncDispose]()
  }
}

/** Runs a trace with its guard, where it must hold, and without it, where the violation must be seen. */
export function describeTrace(trace: Trace): void {
  describeEngines(`rule ${trace.rule}`, (engine) => {
    let database: Database
    let url: string | undefined
    let tables = 0
    const skipped = trace.serverOnly === true && engine.name === 'embedded'
    beforeAll(async () => {
      if (skipped) return
      const place = await engine.database()
      url = place.url
      database = await openSystem(place.target)
    })
    afterAll(async () => {
      if (!skipped) await database[Symbol.asyncDispose]()
    })

    const run = async (): Promise<string | null> => {
      const table = await createIntTable(database, `trace_${++tables}`)
      await using world = new TraceWorld(database, table, url)
      try {
        await trace.steps(world)
        return world.violation ?? (await violationOf(world, trace))
      } finally {
        await database.query({ text: 'delete from vivant.task where table_id = $1', values: [table.id] })
        await database.query({ text: 'delete from vivant."table" where id = $1', values: [table.id] })
      }
    }

    testGuard(trace, engine.name, run)
  })
}

async function violationOf(world: TraceWorld, trace: Trace): Promise<string | null> {
  const [uncovered] = trace.atRestOnly ? [] : await findUncovered(world.database, world.table.id)
  if (uncovered) return `I1: ${uncovered.column} is not current and nothing covers it`
  await world.finishAll()
  const { rows } = await world.database.query<TraceRow>(`select * from "${world.table.name}" order by _id`)
  const expected = rows.map((row) => ({ row, cells: trace.reference(row) }))
  for (const column of new Set(expected.flatMap(({ cells }) => Object.keys(cells)))) {
    const cells = await world.table.cells(column)
    for (const { row, cells: wanted } of expected) {
      const cell = cells.get(row._id)
      const found = cell === undefined ? 'missing' : cell.status === 'ok' ? cell.value : cell.status
      if (found !== wanted[column]) return `I2: at rest ${column} is ${String(found)}, the reference ${String(wanted[column])}`
    }
  }
  const unsettled = (await findUnsettled(world.database, world.table.id)).find(({ problem }) => problem !== 'orphan')
  return unsettled ? `at rest ${unsettled.column} is ${unsettled.problem}` : null
}

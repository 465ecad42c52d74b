import { enqueue } from '@vivant/queue'
import { dropColumn, pauseColumn, resumeColumn } from '@vivant/storage'
import type { TestTable } from '../test-table.ts'
import { watchCells } from './cell-watch.ts'
import { baseProgram, laterColumns, type ProgramColumn } from './program.ts'
import type { Random } from './random.ts'
import type { Report } from './writer.ts'

export interface ChangingProgramOptions {
  readonly table: TestTable
  readonly random: Random
  readonly report: Report
  /** Declarations wait for the transactions that are open: where there are some, the history goes on meanwhile. */
  readonly inBackground: boolean
}

const timeoutMs = 10_000

/** The computed columns of a history's table as they are added, dropped, replaced, paused and forced. One declaration after the other. */
export class ChangingProgram {
  readonly #options: ChangingProgramOptions
  readonly #columns: ProgramColumn[] = Object.values(baseProgram).map((variants) => variants[0]!)
  readonly #paused = new Set<string>()
  #declarations: Promise<void> = Promise.resolve()

  constructor(options: ChangingProgramOptions) {
    this.#options = options
  }

  /** What is declared by now, or soon will be. */
  get columns(): readonly ProgramColumn[] {
    return this.#columns
  }

  /** Every declaration up to now is through. */
  get declared(): Promise<void> {
    return this.#declarations
  }

  async begin(): Promise<void> {
    const { table } = this.#options
    await table.add(...this.#columns.map(({ declaration }) => declaration))
    await watchCells(table.database, table.id)
  }

  async add(): Promise<void> {
    const next = laterColumns.find(({ name }) => !this.#columns.some((column) => column.name === name))
    if (!next) return
    this.#columns.push(next)
    await this.#declare(() => this.#options.table.add(next.declaration))
  }

  async drop(): Promise<void> {
    const { table, random } = this.#options
    // nothing reads a column that was added later
    const later = this.#columns.filter((column) => laterColumns.includes(column))
    if (!later.length) return
    const gone = random.pick(later)
    this.#columns.splice(this.#columns.indexOf(gone), 1)
    await this.#declare(() => dropColumn(table.database, table.id, gone.name, timeoutMs))
  }

  async replace(): Promise<void> {
    const { table, random } = this.#options
    const at = random.int(0, Object.keys(baseProgram).length - 1)
    const next = random.pick<ProgramColumn>(Object.values(baseProgram)[at]!)
    if (this.#paused.has(next.name)) return
    this.#columns[at] = next
    await this.#declare(() => table.replace(next.declaration))
  }

  async pause(): Promise<void> {
    const { table, random } = this.#options
    const name = random.pick(Object.keys(baseProgram))
    this.#paused.add(name)
    await this.#declare(async () => pauseColumn(table.database, await table.model(), await table.column(name)))
  }

  async resumeAll(): Promise<void> {
    const { table } = this.#options
    for (const name of this.#paused) {
      this.#paused.delete(name)
      await this.#declare(async () => resumeColumn(table.database, await table.model(), await table.column(name)))
    }
  }

  /** Runs a column of some rows again although they are current. */
  async force(): Promise<void> {
    const { table, random } = this.#options
    const { id, pool } = await table.column(random.pick(['a', 'd', 's']))
    const ids = [random.int(1, 12), random.int(13, 16)]
    await enqueue(table.database, { tableId: table.id, pool, kind: 'fresh', ids, columns: [id], forced: true })
  }

  async #declare(work: () => Promise<void>): Promise<void> {
    const { table, report, inBackground } = this.#options
    this.#declarations = this.#declarations.then(work).then(
      () => watchCells(table.database, table.id),
      (error: unknown) => report(`a declaration failed: ${String(error)}`),
    )
    if (!inBackground) await this.#declarations
  }
}

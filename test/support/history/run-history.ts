import type { Database } from '@vivant/storage'
import { findUncovered } from '../check-coverage.ts'
import { compareWithReference } from '../compare-with-reference.ts'
import { pollUntil } from '../poll-until.ts'
import { createIntTable, type TestTable } from '../test-table.ts'
import { UserSession } from '../user-session.ts'
import { cellsThatWentBackwards } from './cell-watch.ts'
import { ChangingProgram } from './changing-program.ts'
import { dropHistoryTable } from './drop-history-table.ts'
import { embeddedWriter } from './embedded-writer.ts'
import type { HistoryWorker } from './history-worker.ts'
import { Random } from './random.ts'
import { sessionWriter } from './session-writer.ts'
import { userStatement } from './user-statements.ts'
import { WorkerCrew } from './worker-crew.ts'
import type { Writer } from './writer.ts'

export interface HistoryOptions {
  readonly database: Database
  /** On the server: users write in sessions of their own, at the same time. */
  readonly url: string | undefined
  readonly seed: number
  readonly steps: number
  readonly startWorker: (pools: readonly string[] | null) => Promise<HistoryWorker>
}

export interface HistoryResult {
  readonly problems: readonly string[]
  readonly steps: Readonly<Record<string, number>>
}

/** How often each step comes. */
const weights = {
  write: 60,
  transaction: 8,
  check: 6,
  add: 2,
  drop: 1,
  replace: 4,
  pause: 1.5,
  resume: 2,
  force: 2,
  kill: 3,
  expire: 2,
  stop: 2,
  start: 6,
  rest: 3,
} as const
type Step = keyof typeof weights

/**
 * One random history: users write, columns are added, replaced, paused and forced, workers come, go and die. On the way
 * invariant 1 is looked at; at the end, when all is quiet, every cell is compared with the reference.
 */
export async function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  const table = await createIntTable(options.database, `history_${options.seed}`, ['x', 'y', 'z'])
  try {
    await using history = new History(options, table)
    return await history.run()
  } finally {
    await dropHistoryTable(table)
  }
}

class History implements AsyncDisposable {
  readonly #options: HistoryOptions
  readonly #table: TestTable
  readonly #random: Random
  readonly #program: ChangingProgram
  readonly #crew: WorkerCrew
  readonly #problems: string[] = []
  readonly #writers: Writer[] = []

  constructor(options: HistoryOptions, table: TestTable) {
    const { database, url, seed, startWorker } = options
    const random = new Random(seed)
    this.#options = options
    this.#table = table
    this.#random = random
    this.#program = new ChangingProgram({ table, random, report: this.#report, inBackground: url !== undefined })
    // workers of one embedded engine share a process: a second one would free what the first one holds
    this.#crew = new WorkerCrew({ database, random, most: url === undefined ? 1 : 3, start: startWorker })
  }

  async run(): Promise<HistoryResult> {
    const counts: Partial<Record<Step, number>> = {}
    await this.#program.begin()
    await this.#openWriters()
    await this.#crew.start(null)
    for (let at = 0; at < this.#options.steps; at++) {
      const kind = this.#random.weighted(weights)
      counts[kind] = (counts[kind] ?? 0) + 1
      await this.#steps[kind]()
    }
    await this.#settle()
    await this.#compare()
    return { problems: this.#problems, steps: counts }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const writer of this.#writers) await writer[Symbol.asyncDispose]()
    await this.#crew[Symbol.asyncDispose]()
  }

  readonly #report = (problem: string): void => {
    this.#problems.push(problem)
  }

  readonly #steps: Readonly<Record<Step, () => Promise<void>>> = {
    write: () => this.#random.pick(this.#writers).send(this.#statement(), this.#crew.wake),
    transaction: () => this.#transaction(this.#random.pick(this.#writers)),
    check: async () => {
      for (const finding of await findUncovered(this.#options.database, this.#table.id)) this.#report(`on the way: ${JSON.stringify(finding)}`)
    },
    add: () => this.#program.add(),
    drop: () => this.#program.drop(),
    replace: () => this.#program.replace(),
    pause: () => this.#program.pause(),
    resume: () => this.#program.resumeAll(),
    force: async () => {
      await this.#program.force()
      this.#crew.wake()
    },
    kill: () => this.#crew.killOne(),
    expire: () => this.#crew.expireOne(),
    stop: () => this.#crew.stopOne(),
    start: () => this.#crew.start(this.#random.pick([null, ['default'], ['slow'], ['default', 'slow']])),
    rest: async () => {
      await this.#endTransactions()
      await this.#program.declared
      if (!this.#crew.isEmpty) await pollUntil('some work is done', async () => (await this.#openTasks()) < 6, { deadlineMs: 50 }).catch(() => {})
    },
  }

  #statement(): string {
    return userStatement(this.#random, this.#table.name)
  }

  async #transaction(writer: Writer): Promise<void> {
    const random = this.#random
    await writer.begin(random.pick(['read committed', 'repeatable read', 'serializable']))
    for (let at = random.int(1, 3); at > 0; at--) await writer.send(this.#statement(), this.#crew.wake)
    if (random.chance(0.3)) await writer.savepoint(this.#statement())
    // some stay open while other steps happen
    if (random.chance(0.6)) await writer.end(random.chance(0.8) ? 'commit' : 'rollback', this.#crew.wake)
  }

  async #openWriters(): Promise<void> {
    const { url, database } = this.#options
    if (url === undefined) this.#writers.push(embeddedWriter(database, this.#report))
    else for (let at = 0; at < 3; at++) this.#writers.push(sessionWriter(await UserSession.open(url), this.#report))
  }

  async #endTransactions(): Promise<void> {
    for (const writer of this.#writers) await writer.end('commit', this.#crew.wake)
  }

  async #openTasks(): Promise<number> {
    const { rows } = await this.#options.database.query<{ count: number }>({
      text: 'select count(*)::int as count from vivant.task where table_id = $1',
      values: [this.#table.id],
    })
    return rows[0]!.count
  }

  async #settle(): Promise<void> {
    await this.#program.resumeAll()
    await this.#endTransactions()
    await this.#program.declared
    await this.#crew.start(null)
    await pollUntil('all is quiet', () => this.#isQuiet(), { everyMs: 10 }).catch(async (error: unknown) => {
      const { rows } = await this.#options.database.query({ text: 'select * from vivant.task where table_id = $1 limit 5', values: [this.#table.id] })
      this.#report(`${String(error)} ${JSON.stringify(rows)}`)
    })
  }

  async #isQuiet(): Promise<boolean> {
    this.#crew.wake()
    await this.#crew.bury()
    const { rows } = await this.#options.database.query<{ open: boolean }>({
      text: `select exists (select from vivant.task where table_id = $1)
        or exists (select from vivant.backfill where table_id = $1 and state = 'running')
        or exists (select from vivant.operation where table_id = $1 and kind = 'publish' and ended_at is null) as open`,
      values: [this.#table.id],
    })
    return !rows[0]!.open
  }

  async #compare(): Promise<void> {
    this.#problems.push(...(await compareWithReference(this.#table, this.#program.columns)))
    for (const what of await cellsThatWentBackwards(this.#options.database, this.#table.id)) this.#report(`I2: ${what}`)
    for (const error of this.#crew.errors()) this.#report(`a worker says: ${error}`)
  }
}

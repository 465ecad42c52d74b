import type { Database } from '@vivant/storage'
import type { HistoryWorker } from '../history/history-worker.ts'
import { embeddedWriter } from '../history/embedded-writer.ts'
import { Random } from '../history/random.ts'
import { sessionWriter } from '../history/session-writer.ts'
import { WorkerCrew } from '../history/worker-crew.ts'
import type { Writer } from '../history/writer.ts'
import { pollUntil } from '../poll-until.ts'
import { UserSession } from '../user-session.ts'
import type { ViewProgram } from './program.ts'
import { compareViews, examineViews, without } from './compare-views.ts'
import { readDocs, readTexts } from './read-views.ts'
import { singleEdit, viewStatement } from './statements.ts'

export interface ViewHistoryOptions {
  readonly database: Database
  /** On the server: users write in sessions of their own, at the same time. */
  readonly url: string | undefined
  readonly seed: number
  readonly steps: number
  readonly program: ViewProgram
  readonly startWorker: (pools: readonly string[] | null) => Promise<HistoryWorker>
}

export interface ViewHistoryResult {
  readonly problems: readonly string[]
  readonly steps: Readonly<Record<string, number>>
}

/** How often each step comes. */
const weights = { write: 60, transaction: 8, check: 3, replace: 2.5, kill: 3, expire: 2, stop: 2, start: 7, rest: 4 } as const
type Step = keyof typeof weights

/** Edits of one document at the end of a history, after each of which the calls are counted. */
const countedEdits = 4

/**
 * One random history of a table with views below it: users write, iterators and columns are replaced, workers come, go and die. When all is
 * quiet, every row and every cell of every view is compared with the reference. Then single edits follow, undisturbed: nothing is
 * computed again whose content did not change.
 */
export async function runViewHistory(options: ViewHistoryOptions): Promise<ViewHistoryResult> {
  await using history = new ViewHistory(options)
  return await history.run()
}

class ViewHistory implements AsyncDisposable {
  readonly #options: ViewHistoryOptions
  readonly #database: Database
  readonly #program: ViewProgram
  readonly #random: Random
  readonly #crew: WorkerCrew
  readonly #problems: string[] = []
  readonly #writers: Writer[] = []
  #declarations: Promise<void> = Promise.resolve()

  constructor(options: ViewHistoryOptions) {
    const { database, url, seed, startWorker, program } = options
    this.#options = options
    this.#database = database
    this.#program = program
    this.#random = new Random(seed)
    this.#crew = new WorkerCrew({ database, random: this.#random, most: url === undefined ? 1 : 3, start: startWorker })
  }

  async run(): Promise<ViewHistoryResult> {
    const counts: Partial<Record<Step, number>> = {}
    await this.#openWriters()
    await this.#crew.start(null)
    for (let at = 0; at < this.#options.steps; at++) {
      const kind = this.#random.weighted(weights)
      counts[kind] = (counts[kind] ?? 0) + 1
      await this.#steps[kind]()
    }
    await this.#endTransactions()
    await this.#settle()
    for (const error of this.#crew.errors()) this.#report(`a worker says: ${error}`)
    await this.#compare('at rest')
    for (let at = 0; at < countedEdits && !this.#problems.length; at++) await this.#countedEdit()
    await this.#empty()
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
    write: () => this.#random.pick(this.#writers).send(viewStatement(this.#random), this.#crew.wake),
    transaction: () => this.#transaction(this.#random.pick(this.#writers)),
    check: async () => {
      for (const problem of await examineViews(this.#database)) this.#report(`on the way: ${problem}`)
    },
    replace: () => this.#replace(),
    kill: () => this.#crew.killOne(),
    expire: () => this.#crew.expireOne(),
    stop: () => this.#crew.stopOne(),
    start: () => this.#crew.start(this.#random.pick([null, ['default'], ['slow'], ['default', 'slow']])),
    rest: async () => {
      await this.#endTransactions()
      await this.#declarations
      if (!this.#crew.isEmpty) await pollUntil('some work is done', async () => (await this.#openTasks()) < 6, { deadlineMs: 60 }).catch(() => {})
    },
  }

  async #transaction(writer: Writer): Promise<void> {
    const random = this.#random
    await writer.begin(random.pick(['read committed', 'repeatable read', 'serializable']))
    for (let at = random.int(1, 3); at > 0; at--) await writer.send(viewStatement(random), this.#crew.wake)
    if (random.chance(0.3)) await writer.savepoint(viewStatement(random))
    // some stay open while other steps happen
    if (random.chance(0.6)) await writer.end(random.chance(0.8) ? 'commit' : 'rollback', this.#crew.wake)
  }

  /** A declaration waits for the transactions that are open: where there are some, the history goes on meanwhile. */
  async #replace(): Promise<void> {
    const what = this.#random.pick(['pieces', 'loud', 'named'] as const)
    this.#declarations = this.#declarations
      .then(() => this.#program.replace(what))
      .catch((error: unknown) => this.#report(`a declaration failed: ${String(error)}`))
    if (this.#options.url === undefined) await this.#declarations
  }

  async #openWriters(): Promise<void> {
    const { url } = this.#options
    if (url === undefined) this.#writers.push(embeddedWriter(this.#database, this.#report))
    else for (let at = 0; at < 3; at++) this.#writers.push(sessionWriter(await UserSession.open(url), this.#report))
  }

  async #endTransactions(): Promise<void> {
    for (const writer of this.#writers) await writer.end('commit', this.#crew.wake)
  }

  async #openTasks(): Promise<number> {
    return (await this.#database.query<{ n: number }>('select count(*)::int as n from vivant.task')).rows[0]!.n
  }

  async #settle(): Promise<void> {
    await this.#declarations
    await this.#crew.start(null)
    await pollUntil('all is quiet', () => this.#isQuiet(), { deadlineMs: 60_000, everyMs: 10 }).catch(async (error: unknown) => {
      const { rows } = await this.#database.query('select table_id, pool, kind, ids, columns, claims, owner, run_at from vivant.task limit 5')
      this.#report(`${String(error)} ${JSON.stringify(rows)}`)
    })
  }

  async #isQuiet(): Promise<boolean> {
    this.#crew.wake()
    await this.#crew.bury()
    const { rows } = await this.#database.query<{ open: boolean }>(
      `select exists (select from vivant.task) or exists (select from vivant.backfill where state = 'running')
        or exists (select from vivant.operation where kind = 'publish' and ended_at is null) as open`,
    )
    return !rows[0]!.open
  }

  async #compare(when: string): Promise<void> {
    for (const problem of await compareViews(this.#database, this.#program.variants)) this.#report(`${when}: ${problem}`)
  }

  /** An edit of one document calls functions for the rows that it makes and changes, and for no other; what stays keeps its id. */
  async #countedEdit(): Promise<void> {
    const docs = await readDocs(this.#database)
    if (!docs.length) return
    const doc = this.#random.pick(docs)
    const before = await readTexts(this.#database)
    this.#program.calls.take()
    const statement = singleEdit(this.#random, doc.id)
    await this.#database.query(statement)
    await this.#settle()
    await this.#compare(`after ${statement}`)
    const after = await readTexts(this.#database)
    const made = [...after].flatMap(([id, text]) => (before.get(id) === text ? [] : [id]))
    for (const [at, called] of this.#program.calls.take('measure', 'letters').entries()) {
      const [again, missed] = [[...called].filter((id) => after.has(id) && !made.includes(id)), made.filter((id) => !called.has(id))]
      if (again.length + missed.length)
        this.#report(`after ${statement}: ${at ? 'letters' : 'measure'} was called again for ${again.join(',')}, not for ${missed.join(',')}`)
    }
    const contents = without([...after.values()], [...before.values()]).length
    if (made.length > contents) this.#report(`after ${statement}: ${made.length} rows were made or changed for ${contents} new contents`)
  }

  /** The next history begins with nothing, and with an empty queue. */
  async #empty(): Promise<void> {
    await this.#database.query('truncate docs cascade')
    await this.#settle()
  }
}

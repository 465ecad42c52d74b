import { enqueue } from '@vivant/queue'
import { type Database, dropColumn, pauseColumn, resumeColumn } from '@vivant/storage'
import { findUncovered } from '../check-coverage.ts'
import { compareWithReference } from '../compare-with-reference.ts'
import { pollUntil } from '../poll-until.ts'
import { createIntTable, type TestTable } from '../test-table.ts'
import { UserSession } from '../user-session.ts'
import { buryWorker, expireLeases, type HistoryWorker } from './history-worker.ts'
import { baseProgram, laterColumns, type ProgramColumn } from './program.ts'
import { Random } from './random.ts'
import { userStatement } from './user-statements.ts'

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

/** Errors that a user's transaction may have without Vivant as well: it collides with another, or with an id that is taken. */
const usersOwnErrors: ReadonlySet<string> = new Set(['40P01', '55P03', '23505', '25P02', '21000'])
/** Beyond this many deaths of one row, its column may be taken for the murderer. */
const maxDeaths = 3

/**
 * One random history: users write, columns are added, replaced, paused and forced, workers come, go and die. On the way
 * invariant 1 is looked at; at the end, when all is quiet, every cell is compared with the reference.
 */
export async function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  const table = await createIntTable(options.database, `history_${options.seed}`, ['x', 'y', 'z'])
  const history = new History(options, table)
  try {
    return await history.run()
  } finally {
    await history.cleanUp()
  }
}

class History {
  readonly #options: HistoryOptions
  readonly #table: TestTable
  readonly #random: Random
  readonly #problems: string[] = []
  readonly #counts: Record<string, number> = {}
  readonly #columns: ProgramColumn[] = []
  readonly #paused = new Set<string>()
  readonly #workers: HistoryWorker[] = []
  readonly #writers: Writer[] = []
  readonly #dead: HistoryWorker[] = []
  #declarations: Promise<void> = Promise.resolve()
  #deaths = 0

  constructor(options: HistoryOptions, table: TestTable) {
    this.#options = options
    this.#table = table
    this.#random = new Random(options.seed)
  }

  async run(): Promise<HistoryResult> {
    const random = this.#random
    for (const variants of Object.values(baseProgram)) this.#columns.push(variants[0]!)
    await this.#table.add(...this.#columns.map(({ declaration }) => declaration))
    await this.#watchCells()
    await this.#openWriters()
    await this.#startWorker(null)
    for (let step = 0; step < this.#options.steps; step++) {
      const kind = random.weighted({
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
      })
      this.#counts[kind] = (this.#counts[kind] ?? 0) + 1
      await this.#step(kind)
    }
    await this.#settle()
    await this.#compare()
    return { problems: this.#problems, steps: this.#counts }
  }

  async cleanUp(): Promise<void> {
    const { database } = this.#options
    for (const writer of this.#writers) await writer[Symbol.asyncDispose]()
    for (const worker of this.#workers) await worker.stop()
    await database.query({ text: 'delete from vivant.task where table_id = $1', values: [this.#table.id] })
    const { rows } = await database.query<{ name: string }>({
      text: 'select cell_table as name from vivant."column" where table_id = $1 and cell_table is not null',
      values: [this.#table.id],
    })
    await database.query({ text: 'delete from vivant.operation where table_id = $1', values: [this.#table.id] })
    await database.query({ text: 'delete from vivant."table" where id = $1', values: [this.#table.id] })
    await database.query(`drop view if exists live."${this.#table.name}"`)
    await database.query(
      `drop table ${[`public."${this.#table.name}"`, `vivant_data.rev_${this.#table.id}`, ...rows.map(({ name }) => `vivant_data."${name}"`)].join(', ')}`,
    )
  }

  async #step(kind: string): Promise<void> {
    const random = this.#random
    switch (kind) {
      case 'write':
        await random.pick(this.#writers).send(userStatement(random, this.#table.name), this.#wake)
        return
      case 'transaction': {
        const writer = random.pick(this.#writers)
        const isolation = random.pick(['read committed', 'repeatable read', 'serializable'])
        await writer.begin(isolation)
        for (let at = random.int(1, 3); at > 0; at--) await writer.send(userStatement(random, this.#table.name), this.#wake)
        if (random.chance(0.3)) await writer.savepoint(userStatement(random, this.#table.name))
        // some stay open while other steps happen
        if (random.chance(0.6)) await writer.end(random.chance(0.8) ? 'commit' : 'rollback', this.#wake)
        return
      }
      case 'check':
        await this.#checkCoverage()
        return
      case 'add': {
        const next = laterColumns.find(({ name }) => !this.#columns.some((column) => column.name === name))
        if (!next) return
        this.#columns.push(next)
        await this.#declare(() => this.#table.add(next.declaration))
        return
      }
      case 'drop': {
        const later = this.#columns.filter((column) => laterColumns.includes(column))
        if (!later.length) return
        // nothing reads a column that was added later
        const gone = random.pick(later)
        this.#columns.splice(this.#columns.indexOf(gone), 1)
        await this.#declare(() => dropColumn(this.#options.database, this.#table.id, gone.name, 10_000))
        return
      }
      case 'replace': {
        const at = random.int(0, Object.keys(baseProgram).length - 1)
        const variants = Object.values(baseProgram)[at]!
        const next = random.pick(variants)
        if (this.#paused.has(next.name)) return
        this.#columns[at] = next
        await this.#declare(() => this.#table.replace(next.declaration))
        return
      }
      case 'pause': {
        const name = random.pick(Object.keys(baseProgram))
        this.#paused.add(name)
        await this.#declare(async () => pauseColumn(this.#options.database, await this.#table.model(), await this.#table.column(name)))
        return
      }
      case 'resume':
        for (const name of this.#paused) await this.#resume(name)
        return
      case 'force': {
        const { id, pool } = await this.#table.column(random.pick(['a', 'd', 's']))
        await enqueue(this.#options.database, {
          tableId: this.#table.id,
          pool,
          kind: 'fresh',
          ids: [random.int(1, 12), random.int(13, 16)],
          columns: [id],
          forced: true,
        })
        this.#wake()
        return
      }
      case 'kill':
        if (!this.#workers.length || this.#deaths >= maxDeaths) return
        this.#deaths++
        this.#dead.push(this.#workers.splice(random.int(0, this.#workers.length - 1), 1)[0]!)
        await this.#dead.at(-1)!.kill()
        return
      case 'expire': {
        // a worker was paused for longer than its leases last, and goes on
        const worker = this.#workers.at(0)
        if (!worker || this.#deaths >= maxDeaths) return
        this.#deaths++
        await expireLeases(this.#options.database, worker.id)
        return
      }
      case 'stop':
        if (this.#workers.length) await this.#workers.splice(0, 1)[0]!.stop()
        return
      case 'start':
        await this.#startWorker(random.pick([null, ['default'], ['slow'], ['default', 'slow']]))
        return
      case 'rest':
        await this.#endTransactions()
        await this.#declarations
        if (this.#workers.length) await pollUntil('some work is done', async () => (await this.#openTasks()) < 6, { deadlineMs: 50 }).catch(() => {})
        return
      default:
        throw new Error(`no such step: ${kind}`)
    }
  }

  readonly #wake = (): void => {
    for (const worker of this.#workers) worker.wake()
  }

  async #openWriters(): Promise<void> {
    const { url, database } = this.#options
    if (url === undefined) this.#writers.push(embeddedWriter(database, this.#report))
    else for (let at = 0; at < 3; at++) this.#writers.push(sessionWriter(await UserSession.open(url), this.#report))
  }

  readonly #report = (problem: string): void => {
    this.#problems.push(problem)
  }

  /** Workers of one embedded engine share a process: a second one would free what the first one holds. */
  async #startWorker(pools: readonly string[] | null): Promise<void> {
    const most = this.#options.url === undefined ? 1 : 3
    if (this.#workers.length >= most) await this.#workers.shift()!.stop()
    this.#workers.push(await this.#options.startWorker(pools))
  }

  /** Declarations wait for the transactions that are open, so on the server the history goes on meanwhile. */
  async #declare(work: () => Promise<void>): Promise<void> {
    this.#declarations = this.#declarations.then(work).then(
      () => this.#watchCells(),
      (error: unknown) => this.#report(`a declaration failed: ${String(error)}`),
    )
    if (this.#options.url === undefined) await this.#declarations
  }

  async #resume(name: string): Promise<void> {
    this.#paused.delete(name)
    await this.#declare(async () => resumeColumn(this.#options.database, await this.#table.model(), await this.#table.column(name)))
  }

  async #endTransactions(): Promise<void> {
    for (const writer of this.#writers) await writer.end('commit', this.#wake)
  }

  async #openTasks(): Promise<number> {
    const { rows } = await this.#options.database.query<{ count: number }>({
      text: 'select count(*)::int as count from vivant.task where table_id = $1',
      values: [this.#table.id],
    })
    return rows[0]!.count
  }

  async #settle(): Promise<void> {
    const { database } = this.#options
    for (const name of this.#paused) await this.#resume(name)
    await this.#endTransactions()
    await this.#declarations
    await this.#startWorker(null)
    this.#wake()
    await pollUntil('all is quiet', async () => {
      this.#wake()
      // a claim that was on its way when its worker died
      for (const worker of this.#dead) await buryWorker(database, worker.id)
      const { rows } = await database.query<{ open: boolean }>({
        text: `select exists (select from vivant.task where table_id = $1)
          or exists (select from vivant.backfill where table_id = $1 and state = 'running')
          or exists (select from vivant.operation where table_id = $1 and kind = 'publish' and ended_at is null) as open`,
        values: [this.#table.id],
      })
      return !rows[0]!.open
    }).catch(async (error: unknown) => {
      const { rows } = await database.query({ text: 'select * from vivant.task where table_id = $1 limit 5', values: [this.#table.id] })
      this.#report(`${String(error)} ${JSON.stringify(rows)}`)
    })
  }

  async #compare(): Promise<void> {
    this.#problems.push(...(await compareWithReference(this.#table, this.#columns)))
    const { rows: backwards } = await this.#options.database.query<{ what: string }>('delete from public.went_backwards returning what')
    for (const { what } of backwards) this.#report(`I2: ${what}`)
    for (const worker of this.#workers) for (const error of worker.errors()) this.#report(`a worker says: ${error}`)
  }

  async #checkCoverage(): Promise<void> {
    for (const finding of await findUncovered(this.#options.database, this.#table.id)) this.#report(`on the way: ${JSON.stringify(finding)}`)
  }

  /** Every write of a cell is watched: neither (version, token) nor seq may ever decrease. */
  async #watchCells(): Promise<void> {
    const { database } = this.#options
    await database.query('create table if not exists public.went_backwards (what text)')
    await database.query(`create or replace function public.watch_cell() returns trigger language plpgsql as $$
begin
  if (new.version, new.token) < (old.version, old.token) or new.seq < old.seq then
    insert into public.went_backwards values (tg_table_name || ' ' || to_jsonb(old) || ' → ' || to_jsonb(new));
  end if;
  return new;
end $$`)
    const { rows } = await database.query<{ name: string }>({
      text: `select c.cell_table as name from vivant."column" c where c.table_id = $1 and c.cell_table is not null
        and not exists (select from pg_trigger g where g.tgrelid = ('vivant_data.' || c.cell_table)::regclass and g.tgname = 'watch_cell')`,
      values: [this.#table.id],
    })
    for (const { name } of rows)
      await database.query(`create trigger watch_cell before update on vivant_data."${name}" for each row execute function public.watch_cell()`)
  }
}

/** Somebody who writes to the table. What fails, fails as it would without Vivant. */
interface Writer extends AsyncDisposable {
  begin(isolation: string): Promise<void>
  send(statement: string, committed: () => void): Promise<void>
  savepoint(statement: string): Promise<void>
  end(how: 'commit' | 'rollback', committed: () => void): Promise<void>
}

type Report = (problem: string) => void

function isUsersOwn(error: unknown, isolation: string): boolean {
  const code = (error as { code?: string }).code ?? ''
  return usersOwnErrors.has(code) || (code === '40001' && isolation !== 'read committed')
}

/** A session on the server. Its statements run beside everything else; one after the other within the session. */
function sessionWriter(session: UserSession, report: Report): Writer {
  let isolation = 'read committed'
  let open = false
  const settings = session.run(`set lock_timeout = '300ms'`)
  const attempt = async (statement: string): Promise<void> => {
    await settings
    try {
      await session.run(statement)
    } catch (error) {
      if (!isUsersOwn(error, isolation)) report(`a user's statement failed (${isolation}): ${String(error)} ${(error as { code?: string }).code} ${statement}`)
      await session.run('rollback')
      open = false
      isolation = 'read committed'
    }
  }
  return {
    begin: async (level) => {
      if (open) return
      isolation = level
      open = true
      await attempt(`begin isolation level ${level}`)
    },
    send: async (statement, committed) => {
      await attempt(statement)
      // who truncates holds up every reader of the table, the checks of this history among them
      if (open && statement.startsWith('truncate')) {
        await attempt('commit')
        open = false
      }
      if (!open) committed()
    },
    savepoint: async (statement) => {
      if (!open || statement.startsWith('truncate')) return
      await attempt('savepoint s')
      await attempt(statement)
      if (open) await attempt('rollback to savepoint s')
    },
    end: async (how, committed) => {
      if (open) await attempt(how)
      open = false
      isolation = 'read committed'
      committed()
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** The one session of the embedded engine: what is meant for a transaction is collected and sent at its end. */
function embeddedWriter(database: Database, report: Report): Writer {
  let collected: string[] | null = null
  const run = async (statements: readonly string[], how: 'commit' | 'rollback'): Promise<void> => {
    try {
      await database.transaction(async (tx) => {
        for (const statement of statements) await tx.query(statement)
        if (how === 'rollback') throw new RolledBack()
      })
    } catch (error) {
      if (!(error instanceof RolledBack) && !isUsersOwn(error, 'read committed')) report(`a user's statement failed: ${String(error)} ${statements.join('; ')}`)
    }
  }
  return {
    begin: async () => void (collected ??= []),
    send: async (statement, committed) => {
      if (collected) collected.push(statement)
      else {
        await run([statement], 'commit')
        committed()
      }
    },
    savepoint: async (statement) => void collected?.push('savepoint s', statement, 'rollback to savepoint s'),
    end: async (how, committed) => {
      const statements = collected
      collected = null
      if (statements) await run(statements, how)
      committed()
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

class RolledBack extends Error {}

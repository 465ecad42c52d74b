import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '@vivant/storage'
import { describeEngines } from '../../engines.ts'
import { compareWithReference } from '../../support/compare-with-reference.ts'
import { startHistoryWorker } from '../../support/history/history-worker.ts'
import { baseProgram, laterColumns, programFunctions, type ProgramColumn } from '../../support/history/program.ts'
import { Random, suiteSeed } from '../../support/history/random.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { createIntTable, openSystem, type TestTable } from '../../support/test-table.ts'
import { UserSession } from '../../support/user-session.ts'

const levels = ['read committed', 'repeatable read', 'serializable'] as const
type Level = (typeof levels)[number]
/** Transactions that failed, by isolation level and SQLSTATE. */
type Failures = Map<string, number>

const sessions = 6
const transactionsEach = 60
/** A user may wait for a commit of a worker: milliseconds, and this much on a machine that is busy with the tests beside it. */
const longestWaitMs = 500

describeEngines('writers', (engine) => {
  describe.skipIf(engine.name === 'embedded')('beside workers and declarations', () => {
    let database: Database
    let url: string
    beforeAll(async () => {
      const place = await engine.database()
      url = place.url!
      database = await openSystem(url, 20)
    })
    afterAll(() => database[Symbol.asyncDispose]())

    test('fail and wait as they would on an ordinary table', { timeout: 120_000 }, async () => {
      const seed = suiteSeed()
      const columns: ProgramColumn[] = Object.values(baseProgram).map((variants) => variants[0]!)
      const table = await createIntTable(database, 'armed', ['x', 'y', 'z'])
      await table.add(...columns.map(({ declaration }) => declaration))
      await database.query('create table twin (_id bigint generated always as identity primary key, x bigint, y bigint, z bigint)')
      for (const name of ['armed', 'twin']) await addOwners(database, name)
      const twin = await write(url, 'twin', seed)

      const functions = programFunctions()
      const workers = [await startHistoryWorker(database, functions, null), await startHistoryWorker(database, functions, null)]
      const waits = watchWaits(database)
      let isWriting = true
      const declarations = declare(table, columns, new Random(seed), () => isWriting)
      const armed = await write(url, 'armed', seed).finally(() => (isWriting = false))
      await declarations
      const longest = await waits.end()
      await untilQuiet(database, workers)
      for (const worker of workers) await worker.stop()

      const report = `seed ${seed}; armed ${JSON.stringify([...armed])}; twin ${JSON.stringify([...twin])}; longest wait for Vivant ${Math.round(longest.ms)} ms: ${longest.query}`
      console.log(report)
      // in READ COMMITTED: nothing but what users do to each other
      for (const key of armed.keys()) expect(key, report).toMatch(/40001$|40P01$/u)
      expect(armed.get('read committed 40001'), report).toBe(undefined)
      for (const level of levels) expect(count(armed, level), report).toBeLessThanOrEqual(count(twin, level) * 2 + 15)
      expect(longest.ms, report).toBeLessThan(longestWaitMs)
      expect((await compareWithReference(table, columns)).slice(0, 5), report).toEqual([])
    })
  })
})

function count(failures: Failures, level: Level): number {
  return [...failures].reduce((sum, [key, times]) => (key.startsWith(level) ? sum + times : sum), 0)
}

/** x and y refer to owners: one statement on owners can reach a row twice, through both. */
async function addOwners(database: Database, table: string): Promise<void> {
  await database.query(`create table ${table}_owner (id bigint primary key)`)
  await database.query(`insert into ${table}_owner select generate_series(0, 30)`)
  await database.query(`insert into ${table} (x, y, z) select i % 31, (i + (i % 3)) % 31, i from generate_series(1, 90) i`)
  for (const column of ['x', 'y'])
    await database.query(`alter table ${table} add foreign key (${column}) references ${table}_owner on update cascade on delete set null`)
}

/** The same transactions whatever the table: sessions in parallel, each with a seed of its own. */
async function write(url: string, table: string, seed: number): Promise<Failures> {
  const failures: Failures = new Map()
  await Promise.all(
    Array.from({ length: sessions }, async (_, index) => {
      const random = new Random(seed + index)
      await using session = await UserSession.open(url, 'vivant_user')
      for (let transaction = 0; transaction < transactionsEach; transaction++) {
        const level = levels[(index + transaction) % levels.length]!
        try {
          await session.run(`begin isolation level ${level}`)
          for (const statement of statements(random, table)) await session.run(statement)
          await session.run(random.chance(0.9) ? 'commit' : 'rollback')
        } catch (error) {
          const key = `${level} ${(error as { code?: string }).code ?? String(error)}`
          failures.set(key, (failures.get(key) ?? 0) + 1)
          await session.run('rollback')
        }
      }
    }),
  )
  return failures
}

function statements(random: Random, table: string): readonly string[] {
  const one = (): string => {
    const owner = random.int(0, 30)
    // below what the identity gives next, so that nobody takes an id twice
    const id = random.int(1, 90)
    const list = [
      `insert into ${table} (x, y, z) select null, null, i from generate_series(1, ${random.int(1, 5)}) i`,
      `update ${table} set z = z + 1 where _id = ${id}`,
      `update ${table} set x = null, z = ${owner} where _id between ${id} and ${id + 3}`,
      `delete from ${table} where _id = ${id}`,
      `insert into ${table} (_id, z) overriding system value values (${id}, 1) on conflict (_id) do update set z = ${table}.z + excluded.z`,
      `insert into ${table} (_id, z) overriding system value values (${id}, 1) on conflict do nothing`,
      `merge into ${table} t using (values (${id}), (${id + 1})) v(id) on t._id = v.id when matched and t.z % 2 = 0 then delete when matched then update set z = t.z + 1 when not matched then insert (z) values (v.id)`,
      `copy ${table} (x, y, z) from program 'printf "\\\\N\\t\\\\N\\t${owner}\\n\\\\N\\t\\\\N\\t7\\n"'`,
      // the id moves there and back: each child that has it in x and y is twice in the transition tables
      `update ${table}_owner set id = id + 1000 where id = ${owner}`,
      `update ${table}_owner set id = id - 1000 where id = ${owner + 1000}`,
      `with gone as (delete from ${table} where _id = ${id} returning z) insert into ${table} (z) select z from gone`,
      `update ${table} set z = z where _id % 7 = 0`,
      `select sum(z) from ${table} where _id % 5 = 0`,
    ]
    return random.pick(list)
  }
  const body = Array.from({ length: random.int(1, 3) }, one)
  return random.chance(0.2) ? [...body, 'savepoint s', one(), 'rollback to savepoint s'] : random.chance(0.1) ? [...body, 'select pg_sleep(0.05)', one()] : body
}

/** Columns are added and replaced all the while. */
async function declare(table: TestTable, columns: ProgramColumn[], random: Random, isWriting: () => boolean): Promise<void> {
  const later = [...laterColumns]
  while (isWriting()) {
    const next = later.shift()
    if (next) {
      await table.add(next.declaration)
      columns.push(next)
      continue
    }
    const at = random.int(0, Object.keys(baseProgram).length - 1)
    const variant = random.pick(Object.values(baseProgram)[at]!)
    await table.replace(variant.declaration)
    columns[at] = variant
  }
}

interface Wait {
  readonly ms: number
  readonly query: string
}

/** Looks, again and again, for users that wait for a lock of a session of Vivant's. */
function watchWaits(database: Database): { end(): Promise<Wait> } {
  const over = new AbortController()
  let longest: Wait = { ms: 0, query: '' }
  const looking = (async () => {
    while (!over.signal.aborted) {
      const { rows } =
        await database.query<Wait>(`select max(extract(epoch from clock_timestamp() - u.state_change) * 1000)::float8 as ms, max(u.query || ' behind ' || w.query) as query
from pg_stat_activity u cross join lateral unnest(pg_blocking_pids(u.pid)) b(pid) join pg_stat_activity w on w.pid = b.pid
where u.application_name = 'vivant_user' and w.application_name like 'vivant test%' and u.wait_event_type = 'Lock'`)
      if (rows[0] && rows[0].ms > longest.ms) longest = rows[0]
    }
  })()
  return {
    end: async () => {
      over.abort()
      await looking
      return longest
    },
  }
}

async function untilQuiet(database: Database, workers: readonly { wake(): void }[]): Promise<void> {
  await pollUntil(
    'all is quiet',
    async () => {
      for (const worker of workers) worker.wake()
      const { rows } = await database.query<{ open: boolean }>(
        `select exists (select from vivant.task) or exists (select from vivant.backfill where state = 'running') or exists (select from vivant.operation where kind = 'publish' and ended_at is null) as open`,
      )
      return !rows[0]!.open
    },
    { deadlineMs: 30_000 },
  )
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { claimsUntilSplit, enqueue } from '@vivant/queue'
import type { Database } from '@vivant/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeEngines } from '../engines.ts'
import { compareWithReference } from '../support/compare-with-reference.ts'
import { forgiveBlamed } from '../support/forgive-blamed.ts'
import { baseProgram, laterColumns, type ProgramColumn } from '../support/history/program.ts'
import { Random, suiteSeed } from '../support/history/random.ts'
import { pollUntil } from '../support/poll-until.ts'
import { TestProcess } from '../support/processes/start-process.ts'
import type { WorkerProcessConfig } from '../support/processes/worker-process.ts'
import { createIntTable, openSystem, type TestTable } from '../support/test-table.ts'

const timing = { leaseSeconds: 2, beatMs: 300, upkeepMs: 250 }
const base = Object.values(baseProgram).map((variants): ProgramColumn => variants[0]!)

describeEngines('killed workers', (engine) => {
  describe.skipIf(engine.name === 'embedded')('in processes of their own', () => {
    let database: Database
    let url: string
    let folder: string
    let tables = 0
    beforeAll(async () => {
      const place = await engine.database()
      url = place.url!
      database = await openSystem(url)
      folder = await mkdtemp(join(tmpdir(), 'vivant-kills-'))
    })
    afterAll(async () => {
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    })

    const newTable = async (rows: number): Promise<TestTable> => {
      const table = await createIntTable(database, `kills_${++tables}`, ['x', 'y', 'z'])
      await table.add(...base.map(({ declaration }) => declaration))
      await database.query(`insert into ${table.name} (x, y, z) select i % 7, i % 11, i % 6 from generate_series(1, ${rows}) i`)
      return table
    }
    const start = (config: Partial<WorkerProcessConfig> = {}): TestProcess =>
      TestProcess.start('worker-process.ts', { url, pools: null, timing, ...config } satisfies WorkerProcessConfig)

    test('kills at random points lose nothing, leave nothing stale and double nothing', { timeout: 900_000 }, async () => {
      const seed = suiteSeed()
      const random = new Random(seed)
      const wanted = Number(process.env['VIVANT_KILLS'] ?? 200)
      const table = await newTable(600)
      const columns = [...base]
      const failing = (await table.column('c')).cellTable
      const seen = { withLeases: 0, withRetries: 0, withBackfill: 0 }
      const workers: Promise<TestProcess>[] = []
      const spawn = async (): Promise<TestProcess> => {
        const worker = start({ slowMs: random.int(1, 6) })
        await worker.line(/^ready /u)
        return worker
      }
      for (let at = 0; at < 3; at++) workers.push(spawn())
      // those count that found work in the dead one's hands
      let kill = 0
      for (; seen.withLeases < wanted && kill < 1.5 * wanted; kill++) {
        // there is always work of every kind: fresh rows, changed rows, retries, and a backfill for most of the time
        await database.query(`insert into ${table.name} (x, y, z) select ${random.int(0, 6)} + i, ${random.int(0, 10)}, i from generate_series(1, 4) i`)
        await database.query(`update ${table.name} set x = x + 1, y = ${random.int(0, 10)} where _id % 40 = ${random.int(0, 39)}`)
        if (kill % 12 === 5) await replaceOne(table, columns, random)
        const next = laterColumns.find(({ name }) => kill % 40 === 20 && !columns.some((column) => column.name === name))
        if (next) {
          columns.push(next)
          await table.add(next.declaration)
        }
        const at = kill % workers.length
        const worker = await workers[at]!
        const owner = worker.lines[0]!.slice('ready '.length)
        // most die with work in their hands, some at any moment
        if (random.chance(0.9))
          await pollUntil(
            'it has claimed something',
            async () => (await database.query({ text: 'select from vivant.task where owner = $1', values: [owner] })).rowCount > 0,
            {
              deadlineMs: 3000,
            },
          ).catch(() => {})
        await sleep(random.int(0, 60))
        await worker.kill()
        workers[at] = spawn()
        const { rows } = await database.query<{ leases: boolean; retries: boolean; backfill: boolean }>({
          text: `select exists (select from vivant.task where owner = $1) as leases, exists (select from vivant.task where kind = 'retry') or exists (select from vivant_data.${failing} where status = 'error') as retries,
            exists (select from vivant.backfill where state = 'running') or exists (select from vivant.task where kind = 'backfill') as backfill`,
          values: [owner],
        })
        if (rows[0]!.leases) seen.withLeases++
        if (rows[0]!.retries) seen.withRetries++
        if (rows[0]!.backfill) seen.withBackfill++
      }
      for (const worker of await Promise.all(workers)) await worker.stop()
      await using _fast = start()
      const { rows: left } = await database.query<{ tasks: number; suspected: number }>({
        text: `select count(*)::int as tasks, count(*) filter (where claims >= ${claimsUntilSplit})::int as suspected from vivant.task where table_id = $1`,
        values: [table.id],
      })
      const killedAt = performance.now()
      await untilQuiet(database, table)
      const quietMs = Math.round(performance.now() - killedAt)
      const blamed = await forgiveBlamed(table, columns)
      await untilQuiet(database, table)
      const report = `${kill} kills, ${JSON.stringify(seen)}, ${JSON.stringify(left[0])} left, quiet after ${quietMs} ms, ${blamed} cells were taken for the murderer, seed ${seed}`
      console.log(report)
      expect((await compareWithReference(table, columns)).slice(0, 8), report).toEqual([])
      expect(seen.withLeases, report).toBeGreaterThanOrEqual(wanted)
      expect(seen.withRetries, report).toBeGreaterThan(0)
      expect(seen.withBackfill, report).toBeGreaterThan(0)
    })

    test('a function that kills its process costs its own cell, and no other row', { timeout: 180_000 }, async () => {
      const table = await newTable(0)
      {
        // the backfills of the empty table end first: the row shall be in one task
        await using first = start()
        await untilQuiet(database, table)
        await first.stop()
      }
      await database.query(`insert into ${table.name} (x, y, z) select case when i = 37 then 99 else i % 7 end, i, 1 from generate_series(1, 120) i`)
      let deaths = 0
      const over = new AbortController()
      const keepRunning = (async () => {
        while (!over.signal.aborted) {
          const worker = start({ dieOn: { name: 'a_0', argument: 99 } })
          await Promise.race([worker.exited, pollUntil('it is over', async () => over.signal.aborted, { deadlineMs: 170_000, everyMs: 50 })])
          if (worker.hasExited) deaths++
          else await worker.stop()
        }
      })()
      await untilQuiet(database, table, 120_000).finally(() => over.abort())
      await keepRunning
      const cells = await table.cells('a')
      expect(cells.get(37)).toMatchObject({ status: 'failed', value: null, info: { error: { code: 'WORKER_DIED' } } })
      expect([...cells.values()].filter(({ status }) => status === 'ok')).toHaveLength(119)
      for (const column of ['b', 'd', 'e']) expect((await table.cells(column)).get(37)!.status).toBe('blocked')
      expect((await table.cells('s')).get(37)!.status).toBe('ok')
      console.log(`the function killed ${deaths} processes before its cell was given up`)
      expect(deaths).toBeLessThanOrEqual(8)
    })

    test('what was committed before a kill is not computed again after it', { timeout: 120_000 }, async () => {
      const callsFile = join(folder, `calls-${tables}`)
      await writeFile(callsFile, '')
      const table = await newTable(200)
      const first = start({ callsFile, slowMs: 4 })
      const cellTables = await Promise.all(base.map(async ({ name }) => (await table.column(name)).cellTable))
      const count = cellTables.map((name) => `(select count(*) from vivant_data.${name})`).join(' + ')
      await pollUntil('a third of the cells is there', async () => (await database.query<{ n: number }>(`select (${count})::int as n`)).rows[0]!.n > 500, {
        deadlineMs: 60_000,
      })
      await first.kill()
      // cells whose row will not be looked at by a retry or a reader's failure: those of the columns that never fail
      const done = new Map<string, ReadonlySet<number>>()
      for (const name of ['a', 'b', 's']) done.set(`${name}_0`, new Set((await table.cells(name)).keys()))
      await writeFile(callsFile, '')
      {
        await using second = start({ callsFile })
        await untilQuiet(database, table)
        await second.stop()
      }
      const again = (await calls(callsFile)).filter(({ name, id }) => done.get(name)?.has(id))
      expect(again).toEqual([])
      expect([...done.values()].every((ids) => ids.size > 0)).toBe(true)
      // at rest, a new process calls nothing at all
      await writeFile(callsFile, '')
      for (let round = 0; round < 2; round++) {
        await using third = start({ callsFile })
        await third.line(/^ready /u)
        await enqueue(database, { tableId: table.id, pool: 'default', kind: 'fresh', ids: Array.from({ length: 200 }, (_, index) => index + 1) })
        await untilQuiet(database, table)
        await third.stop()
      }
      expect(await calls(callsFile)).toEqual([])
      expect(await compareWithReference(table, base)).toEqual([])
    })
  })
})

async function calls(file: string): Promise<readonly { readonly name: string; readonly id: number }[]> {
  const text = await readFile(file, 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ name: line.split(' ')[0]!, id: Number(line.split(' ')[1]) }))
}

async function replaceOne(table: TestTable, columns: ProgramColumn[], random: Random): Promise<void> {
  const at = random.int(0, base.length - 1)
  const next = random.pick(Object.values(baseProgram)[at]!)
  columns[at] = next
  await table.replace(next.declaration)
}

async function untilQuiet(database: Database, table: TestTable, deadlineMs = 300_000): Promise<void> {
  await pollUntil(
    'all is quiet',
    async () => {
      const { rows } = await database.query<{ open: boolean }>({
        text: `select exists (select from vivant.task where table_id = $1)
          or exists (select from vivant.backfill where table_id = $1 and state = 'running') as open`,
        values: [table.id],
      })
      return !rows[0]!.open
    },
    { deadlineMs, everyMs: 50 },
  )
}

import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from '@vivant/engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeEngines, type TestDatabase } from '../engines.ts'
import { compareWithReference } from '../support/compare-with-reference.ts'
import { forgiveBlamed } from '../support/forgive-blamed.ts'
import { MemoryLog, plainEnvironment } from '../support/function-library.ts'
import { baseProgram, laterColumns, programFunctions, type ProgramColumn } from '../support/history/program.ts'
import { Random, suiteSeed } from '../support/history/random.ts'
import { pollUntil } from '../support/poll-until.ts'
import type { EmbeddedProcessConfig } from '../support/processes/embedded-process.ts'
import { TestProcess } from '../support/processes/start-process.ts'
import { createIntTable, openSystem, TestTable } from '../support/test-table.ts'

describeEngines('a killed process', (engine) => {
  describe.skipIf(engine.name === 'server')('with its database in a folder', () => {
    let place: TestDatabase
    beforeAll(async () => {
      place = await engine.database({ folder: true })
    })
    afterAll(() => place[Symbol.asyncDispose]())

    test('50 kills lose nothing that was stored, and leave nothing stale', { timeout: 900_000 }, async () => {
      const seed = suiteSeed()
      const random = new Random(seed)
      const kills = Number(process.env['VIVANT_KILLS'] ?? 50)
      const columns: ProgramColumn[] = Object.values(baseProgram).map((variants) => variants[0]!)
      const name = 'killed'
      let tableId = 0
      await withDatabase(async (database) => {
        const table = await createIntTable(database, name, ['x', 'y', 'z'])
        tableId = table.id
        await table.add(...columns.map(({ declaration }) => declaration))
        await database.query(`insert into ${name} (x, y, z) select i % 7, i % 11, i % 6 from generate_series(1, 200) i`)
      })
      const stored = new Set<number>()
      let withLeases = 0
      for (let kill = 0; kill < kills; kill++) {
        await using child = TestProcess.start('embedded-process.ts', {
          folder: place.target,
          seed: seed + kill,
          table: name,
          slowMs: random.int(1, 8),
        } satisfies EmbeddedProcessConfig)
        await child.line(/^ready /u)
        // most die with work in their hands, some at any moment
        if (random.chance(0.9)) await child.line(/^stored /u)
        await sleep(random.int(20, 700))
        await child.kill()
        for (const line of child.lines.filter((text) => text.startsWith('stored ')))
          for (const id of line.slice('stored '.length).split(',')) stored.add(Number(id))
        if (child.lines.some((line) => /^leases [1-9]/u.test(line))) withLeases++
        const next = laterColumns[Math.floor(kill / 15) - 1]
        // a backfill is then under way
        if (next && kill % 15 === 0)
          await withDatabase(async (database) => {
            columns.push(next)
            await new TestTable(database, tableId, name).add(next.declaration)
          })
      }
      await withDatabase(async (database) => {
        const table = new TestTable(database, tableId, name)
        const log = new MemoryLog()
        await using worker = new Worker({ database, url: null, functions: programFunctions(), environment: plainEnvironment(log), log, pools: null })
        await worker.start()
        const untilQuiet = async (): Promise<void> => {
          await pollUntil(
            'all is quiet',
            async () => {
              worker.wake()
              const { rows } = await database.query<{ open: boolean }>(
                `select exists (select from vivant.task) or exists (select from vivant.backfill where state = 'running') as open`,
              )
              return !rows[0]!.open
            },
            { deadlineMs: 180_000, everyMs: 20 },
          )
        }
        const openedAt = performance.now()
        await untilQuiet()
        const quietMs = Math.round(performance.now() - openedAt)
        const blamed = await forgiveBlamed(table, columns)
        await untilQuiet()
        const { rows } = await database.query<{ _id: number }>(`select _id from ${name}`)
        const there = new Set(rows.map((row) => row._id))
        const report = `${kills} kills, leases of the dead found after ${withLeases}, ${stored.size} rows stored by them, quiet after ${quietMs} ms, ${blamed} cells taken for the murderer, seed ${seed}`
        console.log(report)
        expect(
          [...stored].filter((id) => !there.has(id)),
          report,
        ).toEqual([])
        expect((await compareWithReference(table, columns)).slice(0, 8), report).toEqual([])
        expect(log.errors).toEqual([])
        expect(withLeases, report).toBeGreaterThan(kills / 2)
      })
    })

    async function withDatabase(work: (database: Awaited<ReturnType<typeof openSystem>>) => Promise<void>): Promise<void> {
      await using database = await openSystem(place.target)
      await work(database)
    }
  })
})

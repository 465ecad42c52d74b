import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from '@vivant/engine'
import { enqueue } from '@vivant/queue'
import type { Database } from '@vivant/storage'
import { expect, test } from 'vitest'
import { describeEngines } from '../engines.ts'
import { Random, suiteSeed } from '../support/history/random.ts'
import { openPipeline } from '../support/open-pipeline.ts'
import { pollUntil } from '../support/poll-until.ts'
import { TestProcess } from '../support/processes/start-process.ts'
import type { ViewsProcessConfig } from '../support/processes/views-process.ts'
import { compareViews } from '../support/view-history/compare-views.ts'
import { ViewProgram } from '../support/view-history/program.ts'
import { viewStatement } from '../support/view-history/statements.ts'

const start = (config: ViewsProcessConfig): TestProcess => TestProcess.start('views-process.ts', config)

describeEngines('views under kills', (engine) => {
  test('nothing is lost, stale or doubled', { timeout: 600_000 }, async () => {
    const seed = suiteSeed()
    const random = new Random(seed)
    const place = await engine.database({ folder: true })
    const kills = Number(process.env['VIVANT_KILLS'] ?? (engine.name === 'server' ? 30 : 8))
    const found = engine.name === 'server' ? await killWorkers(place.url!, random, kills) : await killEngines(place.target, random, kills)
    await using pipeline = await openPipeline(place.target, [], { worker: false })
    const { runtime, log } = pipeline
    const program = new ViewProgram(runtime)
    await program.create()
    await using worker = new Worker({
      database: runtime.database,
      url: place.url ?? null,
      functions: runtime.functionSource(),
      environment: runtime.functionEnvironment(),
      log,
      pools: null,
      timing: { leaseSeconds: 2, beatMs: 300, upkeepMs: 250 },
    })
    await worker.start()
    await untilQuiet(runtime.database, worker)
    const blamed = await forgiveBlamed(runtime.database)
    await untilQuiet(runtime.database, worker)
    const report = `views (${engine.name}): ${kills} kills, leases of the dead found after ${found}, ${blamed} cells taken for the murderer, seed ${seed}`
    console.log(report)
    expect(await compareViews(runtime.database, program.variants), report).toEqual([])
    expect(log.errors).toEqual([])
    expect(found, report).toBeGreaterThan(kills / 2)
  })
})

/** Of two workers beside a user who writes, one after the other dies, most of them with work in their hands. */
async function killWorkers(url: string, random: Random, kills: number): Promise<number> {
  await using pipeline = await openPipeline(url, [], { worker: false })
  const { database } = pipeline.runtime
  await new ViewProgram(pipeline.runtime).create()
  const spawn = (): TestProcess => start({ target: url, slowMs: random.int(1, 8), seed: null })
  const workers = [spawn(), spawn()]
  let withLeases = 0
  for (let kill = 0; kill < kills; kill++) {
    const worker = workers[kill % 2]!
    const [, owner] = (await worker.line(/^ready /u)).split(' ')
    const held = async (): Promise<boolean> => (await database.query({ text: 'select from vivant.task where owner = $1', values: [owner] })).rowCount > 0
    await pollUntil(
      'it has claimed something',
      async () => {
        // ids that are taken, and the like
        await database.query(viewStatement(random)).catch(() => {})
        return held()
      },
      { deadlineMs: 2000, everyMs: 15 },
    ).catch(() => {})
    await sleep(random.int(0, 40))
    await worker.kill()
    if (await held()) withLeases++
    workers[kill % 2] = spawn()
  }
  for (const worker of workers) await worker.kill()
  return withLeases
}

/** The process of the embedded engine dies, with everything in it. */
async function killEngines(folder: string, random: Random, kills: number): Promise<number> {
  let withLeases = 0
  for (let kill = 0; kill < kills; kill++) {
    await using child = start({ target: folder, slowMs: random.int(10, 30), seed: random.int(1, 1_000_000) })
    const ready = await child.line(/^ready /u)
    if (Number(ready.split(' ')[2]) > 0) withLeases++
    // work has come in and is under way, and what was claimed has reached the disk with what was stored after it
    const stored = random.int(6, 16)
    await pollUntil('it has stored some', async () => child.lines.filter((line) => line === 'stored').length >= stored, { everyMs: 20 })
    await child.kill()
  }
  return withLeases
}

async function untilQuiet(database: Database, worker: Worker): Promise<void> {
  await pollUntil(
    'all is quiet',
    async () => {
      worker.wake()
      const { rows } = await database.query<{ open: boolean }>(
        `select exists (select from vivant.task) or exists (select from vivant.backfill where state = 'running') as open`,
      )
      return !rows[0]!.open
    },
    { deadlineMs: 180_000, everyMs: 50 },
  )
}

/** A cell that was alone with its worker at two deaths running is given up, whoever killed: as a person would, they are run again. */
async function forgiveBlamed(database: Database): Promise<number> {
  const { rows: columns } = await database.query<{ id: number; table_id: number; pool: string; cell_table: string }>(
    `select id, table_id, pool, cell_table from vivant."column" where cell_table is not null`,
  )
  let blamed = 0
  for (const { id, table_id: tableId, pool, cell_table: cells } of columns) {
    const { rows } = await database.query<{ id: number }>(`select _id as id from vivant_data."${cells}" where info->'error'->>'code' = 'WORKER_DIED'`)
    const ids = rows.map((row) => row.id)
    if (ids.length) await enqueue(database, { tableId, pool, kind: 'fresh', ids, columns: [id], forced: true })
    blamed += ids.length
  }
  return blamed
}

import { claimsUntilIsolated, claimTasks, markSuspect, releaseTasks, splitTask } from '@vivant/queue'
import { CatalogCache, Pace, processClaim } from '@vivant/engine'
import { type Database, dropColumn } from '@vivant/storage'
import { t, udf } from '@vivant/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { findUncovered } from '../../support/check-coverage.ts'
import { TraceWorld } from '../../support/describe-trace.ts'
import { MemoryLog } from '../../support/function-library.ts'
import { expireLeases, startHistoryWorker } from '../../support/history/history-worker.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { computed, createIntTable, openSystem } from '../../support/test-table.ts'

class Unavailable extends Error {
  readonly status = 503
}
let isDown = false
const f = udf({ name: 'f_down', input: [t.int()], output: t.int(), retry: { attempts: 5, initialMs: 1, maxMs: 1 } }, (x) => {
  if (isDown) throw new Unavailable()
  return x
})
const g = udf({ name: 'g_of', input: [t.int()], output: t.int() }, (a) => a + 1)

describeEngines('tasks whose claims did not end', (engine) => {
  let database: Database
  let tables = 0
  beforeAll(async () => {
    database = await openSystem((await engine.database()).target)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const newWorld = async (): Promise<TraceWorld> => {
    const world = new TraceWorld(database, await createIntTable(database, `poison_${++tables}`), undefined)
    world.use(f, g)
    await world.table.add(
      computed('a', (r) => f(r['x']!)),
      computed('b', (r) => g(r['a']!)),
    )
    await world.finishAll()
    return world
  }

  test('a retry that is split is still tried again', async () => {
    await using world = await newWorld()
    isDown = true
    await world.sql('insert into $t (x) values (1), (2), (3)')
    await world.worker().claimAndCommit()
    isDown = false
    // two workers died with the retry in their hands
    await database.query(`update vivant.task set claims = 2 where kind = 'retry'`)
    const worker = world.worker()
    const claim = await pollUntil('the retry is due', () => worker.tryClaim('retry'))
    for (const task of claim.tasks) await splitTask(database, worker.context.owner, task)
    expect(await findUncovered(database, world.table.id)).toEqual([])
    await world.finishAll()
    expect([...(await world.table.cells('b')).values()].map(({ value, status }) => [value, status])).toEqual([2, 3, 4].map((value) => [value, 'ok']))
  })

  test('what was in dying hands comes task by task, behind fresh rows, so that the next death throws suspicion on one', async () => {
    await using world = await newWorld()
    for (let x = 0; x < 3; x++) await world.sql(`insert into $t (x) values (${x}), (${x})`)
    const [first, second] = [world.worker(), world.worker()]
    expect((await first.claim()).tasks).toHaveLength(3)
    await expireLeases(database, [first.context.owner])
    await world.sql('insert into $t (x) values (99)')
    expect((await second.claim()).tasks).toMatchObject([{ ids: [7], claims: 0 }])
    expect(await second.tryClaim()).toBeNull()
    expect((await second.claim('retry')).tasks).toMatchObject([{ ids: [1, 2], claims: 1 }])
    await expireLeases(database, [second.context.owner])
    const third = world.worker()
    const deaths = []
    for (let claim = await third.tryClaim('retry'); claim; claim = await third.tryClaim('retry')) deaths.push(claim.tasks.map(({ claims }) => claims).join(' '))
    expect(deaths.slice(0, 2)).toEqual(['1', '1'])
    expect(new Set(deaths.slice(2))).toEqual(new Set(['1', '2']))
  })

  test('a worker that isolates a row takes no second one', async () => {
    await using world = await newWorld()
    await world.sql('insert into $t (x) values (1)')
    await database.query(`update vivant.task set claims = ${claimsUntilIsolated}`)
    const { owner } = world.worker().context
    const request = { owner, kind: 'fresh', pools: null, runnable: [], maxIds: 10, after: 0 } as const
    expect(await claimTasks(database, { ...request, claimsBelow: claimsUntilIsolated })).toBeNull()
    expect((await claimTasks(database, request))?.tasks).toHaveLength(1)
  })

  test('what a worker gives back when it stops was not claimed', async () => {
    await using world = await newWorld()
    await world.sql('insert into $t (x) values (1)')
    for (let stop = 0; stop < 5; stop++) {
      const worker = world.worker()
      const claim = await worker.claim()
      expect(claim.tasks.map(({ claims }) => claims)).toEqual([0])
      await releaseTasks(
        database,
        worker.context.owner,
        claim.tasks.map((task) => task.id),
      )
    }
  })

  test('a task that is given back leaves no suspicion, so nobody is blamed who did not die', async () => {
    await using world = await newWorld()
    await world.sql('insert into $t (x) values (1)')
    const { id } = await world.table.column('a')
    const stopping = world.worker()
    const claim = await stopping.claim()
    // four deaths before, and now it runs alone: then its worker is asked to stop
    await database.query('update vivant.task set claims = 6')
    await markSuspect(database, stopping.context.owner, claim.tasks[0]!.id, id)
    await releaseTasks(
      database,
      stopping.context.owner,
      claim.tasks.map((task) => task.id),
    )
    const worker = await startHistoryWorker(database, world.functions, null)
    await pollUntil('the row is computed', async () => {
      worker.wake()
      return (await world.cell('b')) !== undefined
    })
    await worker.stop()
    expect(await world.cell('a')).toMatchObject({ status: 'ok', value: 1 })
    expect(await world.cell('b')).toMatchObject({ status: 'ok', value: 2 })
  })

  test('a worker whose column was dropped after its claim gives the tasks back as they were', async () => {
    await using world = await newWorld()
    await world.sql('insert into $t (x) values (1)')
    const worker = world.worker()
    const catalog = new CatalogCache(database, world.functions)
    await catalog.refresh()
    const claim = await worker.claim()
    await dropColumn(database, world.table.id, 'b', 10_000)
    const log = new MemoryLog()
    await processClaim({ context: { ...worker.context, log }, catalog, pace: new Pace(), signal: new AbortController().signal }, claim)
    expect(log.errors).toEqual([])
    expect((await worker.claim()).tasks).toMatchObject([{ ids: [1], claims: 0 }])
  })

  test('columns that are forced together run one after the other', async () => {
    await using world = await newWorld()
    await world.sql('insert into $t (x) values (1)')
    await world.finishAll()
    const [a, b] = [await world.table.column('a'), await world.table.column('b')]
    const worker = await startHistoryWorker(database, world.functions, null)
    await database.query(
      `insert into vivant.task (table_id, pool, kind, ids, columns, forced) values (${world.table.id}, 'default', 'fresh', '{1}', '{${a.id},${b.id}}', true)`,
    )
    await pollUntil('both ran again', async () => {
      worker.wake()
      return (await world.cell('a'))?.attempts === 1 && (await world.cell('b'))?.attempts === 1
    })
    await worker.stop()
  })
})

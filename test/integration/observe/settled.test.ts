import { setTimeout as sleep } from 'node:timers/promises'
import { RetryAfter, t, table, tableDefinition, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { settled } from '../../../packages/vivant/src/observe/settled.ts'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import { backfillOf } from '../../../packages/vivant/src/observe/backfill-handle.ts'
import { describeEngines } from '../../engines.ts'
import { openPipeline } from '../../support/open-pipeline.ts'
import { pollUntil } from '../../support/poll-until.ts'

const slow = udf({ name: 'slow', input: [t.int()], output: t.int(), version: '1' }, async (n) => {
  await sleep(n)
  return n
})
const flaky = udf({ name: 'flaky', input: [t.int()], output: t.int(), version: '1' }, (n, { attempt }) => {
  if (n < 0) throw new Error('no negative numbers')
  if (attempt < 2 && n % 2) throw new RetryAfter(30, 'not yet')
  return n
})
const onGpu = udf({ name: 'on_gpu', input: [t.int()], output: t.int(), version: '1', pool: 'gpu' }, (n) => n)
const job = table('job', { ms: t.int() })
  .computed('slept', (row) => slow(row.ms))
  .computed('checked', (row) => flaky(row.ms))
  .computed('after', (row) => flaky(row.checked.add(1)), { when: (row) => row.ms.gt(2) })
const jobs = tableDefinition(job)
const picky = table('picky', { n: t.int() })
  .computed('here', (row) => flaky(row.n))
  .computed('there', (row) => onGpu(row.n))

describeEngines('settled', (engine) => {
  test('waits for retries, counts what became of each cell, and finds nothing the second time', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [job] as never)
    const { runtime } = pipeline
    const { run } = await insertRows(runtime, jobs, [{ ms: 5 }], { wait: ['checked'] })
    expect(run).toMatchObject({ ran: 1, perColumn: { 'job.checked': { ran: 1 } } })
    await settled(runtime)
    await insertRows(runtime, jobs, [{ ms: 1 }, { ms: 2 }, { ms: 3 }, { ms: 4 }])
    const steps: number[] = []
    const result = await settled(runtime, { onProgress: ({ remaining }) => steps.push(remaining) })
    expect(result).toMatchObject({ ran: 10, skipped: 2, failed: 0, blocked: 0, retrying: 0, memoHits: 0, paused: [], usage: {} })
    expect(result.perColumn).toMatchObject({ 'job.slept': { ran: 4 }, 'job.checked': { ran: 4 }, 'job.after': { ran: 2, skipped: 2 } })
    expect(steps.at(-1)).toBe(0)
    expect(await settled(runtime)).toMatchObject({ ran: 0, skipped: 0, failed: 0, perColumn: {} })
    // what failed for good, and what it blocks
    await runtime.database.query('insert into job (ms) values (-1)')
    runtime.wake()
    expect(await settled(runtime)).toMatchObject({ ran: 1, failed: 1, skipped: 1 })
  })

  test('ends although others go on writing', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [job] as never)
    const { runtime } = pipeline
    const stop = new AbortController()
    const writer = (async () => {
      while (!stop.signal.aborted) {
        await insertRows(runtime, jobs, [{ ms: 20 }])
        await sleep(1)
      }
    })()
    try {
      await insertRows(runtime, jobs, [{ ms: 1 }])
      await settled(runtime, { timeoutMs: 50_000 })
    } finally {
      stop.abort()
      await writer
    }
  })

  test('a backfill has its turn although others write more than can be done', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [job] as never, { worker: false })
    const { runtime } = pipeline
    // the backfills of the columns are still to be swept when the writing begins
    for (let batch = 0; batch < 100; batch++) await insertRows(runtime, jobs, [{ ms: 20 }, { ms: 20 }, { ms: 20 }])
    const stop = new AbortController()
    const writer = (async () => {
      while (!stop.signal.aborted) {
        await insertRows(runtime, jobs, [{ ms: 20 }, { ms: 20 }, { ms: 20 }, { ms: 20 }])
        await sleep(1)
      }
    })()
    await pipeline.startWorker()
    try {
      await pollUntil('the backfills are done', async () => {
        const { rows } = await runtime.database.query<{ n: number }>(`select count(*)::int as n from vivant.backfill where state = 'running'`)
        return rows[0]!.n === 0
      })
    } finally {
      stop.abort()
      await writer
    }
  })

  test('TIMEOUT has the result so far, and the wait goes on nowhere', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [job] as never)
    const { runtime } = pipeline
    await insertRows(runtime, jobs, [{ ms: 600 }, { ms: 2 }])
    await expect(settled(runtime, { timeoutMs: 150 })).rejects.toMatchObject({ code: 'TIMEOUT', details: { result: { ran: expect.any(Number) as number } } })
    await expect(insertRows(runtime, jobs, [{ ms: 600 }], { wait: true, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      details: { ids: [3], result: {} },
    })
    const abort = new AbortController()
    const waiting = settled(runtime, { signal: abort.signal })
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
    for (const timeoutMs of [-1, Number.NaN, 'x'])
      await expect(settled(runtime, { timeoutMs: timeoutMs as number })).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
    await expect(settled(runtime, { tables: ['nowhere'] })).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
    expect(await settled(runtime)).toMatchObject({ retrying: 0, failed: 0 })
  })

  test('NO_WORKER names the columns, functions and pools that nobody serves', async () => {
    await using database = await engine.database()
    await using nobody = await openPipeline(database.target, [picky] as never, { worker: false })
    const definition = tableDefinition(picky)
    await insertRows(nobody.runtime, definition, [{ n: 2 }])
    await expect(settled(nobody.runtime)).rejects.toMatchObject({
      code: 'NO_WORKER',
      details: { columns: ['picky.here', 'picky.there'], pools: ['default', 'gpu'] },
    })
    await expect(insertRows(nobody.runtime, definition, [{ n: 4 }], { wait: true })).rejects.toMatchObject({ code: 'NO_WORKER', details: { ids: [2] } })
  })

  test('a pool that nobody serves does not hold up the others', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [picky] as never, { worker: { pools: ['default'] } })
    const definition = tableDefinition(picky)
    expect((await insertRows(pipeline.runtime, definition, [{ n: 2 }], { wait: ['here'] })).run).toMatchObject({ ran: 1 })
    await expect(settled(pipeline.runtime)).rejects.toMatchObject({
      code: 'NO_WORKER',
      details: { columns: ['picky.there'], functions: ['on_gpu'], pools: ['gpu'] },
    })
  })

  test('paused columns are not waited for, and are named', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [job] as never)
    const { runtime } = pipeline
    const backfill = backfillOf(runtime, 'job', 'slept')
    await backfill.pause()
    const { run } = await insertRows(runtime, jobs, [{ ms: 5 }], { wait: true })
    expect(run).toMatchObject({ ran: 2, paused: ['job.slept'] })
    expect(await settled(runtime)).toMatchObject({ paused: ['job.slept'] })
    await backfill.resume()
    expect(await settled(runtime)).toMatchObject({ ran: 1, paused: [], perColumn: { 'job.slept': { ran: 1 } } })
  })
})

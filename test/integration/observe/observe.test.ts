import { setTimeout as sleep } from 'node:timers/promises'
import { t, table, tableDefinition, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { backfillOf } from '../../../packages/vivant/src/observe/backfill-handle.ts'
import { cell } from '../../../packages/vivant/src/observe/cell.ts'
import { failures } from '../../../packages/vivant/src/observe/failures.ts'
import { recompute } from '../../../packages/vivant/src/observe/recompute.ts'
import { retry } from '../../../packages/vivant/src/observe/retry.ts'
import { settled } from '../../../packages/vivant/src/observe/settled.ts'
import { status } from '../../../packages/vivant/src/observe/status.ts'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import { describeEngines } from '../../engines.ts'
import { openPipeline } from '../../support/open-pipeline.ts'

let broken = true
let offset = 0
const guess = udf({ name: 'guess', input: [t.int()], output: t.int(), version: '1' }, (n) => {
  if (broken && n % 3 === 0) throw new Error(`cannot guess ${n}`)
  return n * 10 + offset
})
const next = udf({ name: 'next', input: [t.int()], output: t.int(), version: '1' }, (n) => n + 1)
const slow = udf({ name: 'slow', input: [t.int()], output: t.int(), version: '1' }, async (n) => {
  await sleep(2)
  return n
})
const riddle = table('riddle', { n: t.int() })
  .computed('answer', (row) => guess(row.n))
  .computed('later', (row) => next(row.answer))
const riddles = tableDefinition(riddle)
const big = table('big', { n: t.int() })

describeEngines('what is going on', (engine) => {
  test('failures, retry, recompute and one cell', async () => {
    broken = true
    offset = 0
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [riddle] as never)
    const { runtime } = pipeline
    await insertRows(
      runtime,
      riddles,
      [1, 2, 3, 4, 5, 6].map((n) => ({ n })),
    )
    expect(await settled(runtime)).toMatchObject({ ran: 8, failed: 2, blocked: 2 })
    const failed = await failures(runtime, 'riddle')
    expect(failed.map(({ id, column, code, message, attempts }) => ({ id, column, code, message, attempts })).toSorted((a, b) => a.id - b.id)).toEqual(
      [3, 6].map((id) => ({ id, column: 'answer', code: 'FUNCTION_FAILED', message: `cannot guess ${id}`, attempts: 1 })),
    )
    expect(failed[0]!.stack).toContain('cannot guess')
    expect(await failures(runtime, 'riddle', { column: 'later' })).toEqual([])
    expect(await failures(runtime, 'riddle', { limit: 1 })).toHaveLength(1)
    await expect(failures(runtime, 'riddle', { column: 'anser' })).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      message: expect.stringContaining('answer') as string,
    })
    await expect(failures(runtime, 'riddle', { column: 'n' })).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' })
    await expect(failures(runtime, 'riddle', { limit: 0 })).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
    await expect(failures(runtime, 'nowhere')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })

    expect(await cell(runtime, 'riddle', 3, 'answer')).toMatchObject({
      state: 'failed',
      reason: null,
      value: null,
      attempts: 1,
      error: { message: 'cannot guess 3' },
      inputs: { n: { state: 'stored', value: 3 } },
    })
    expect(await cell(runtime, 'riddle', 3, 'later')).toMatchObject({ state: 'blocked', reason: 'blocked', inputs: { answer: { state: 'failed' } } })
    expect(await cell(runtime, 'riddle', 1, 'later')).toMatchObject({
      state: 'ok',
      reason: null,
      value: 11,
      version: 1,
      error: null,
      nextAttemptAt: null,
      inputs: { answer: { state: 'ok', value: 10 } },
    })
    await expect(cell(runtime, 'riddle', 99, 'answer')).rejects.toMatchObject({ code: 'NO_RESULT' })
    await expect(cell(runtime, 'riddle', 1.5, 'answer')).rejects.toMatchObject({ code: 'VALUE_INVALID' })

    // still broken for one of them, then repaired for all
    expect(await retry(runtime, 'riddle', { ids: [3] })).toEqual({ count: 1 })
    expect(await settled(runtime)).toMatchObject({ failed: 1 })
    expect((await cell(runtime, 'riddle', 3, 'answer')).attempts).toBe(2)
    broken = false
    expect(await retry(runtime, 'riddle', { column: 'answer' })).toEqual({ count: 2 })
    expect(await settled(runtime)).toMatchObject({ ran: 4, failed: 0, blocked: 0 })
    expect(await retry(runtime, 'riddle')).toEqual({ count: 0 })
    expect(await failures(runtime, 'riddle')).toEqual([])

    // an equal result disturbs nothing below; another one does
    expect(await recompute(runtime, 'riddle', 'answer', { where: [1, 2] })).toMatchObject({ ran: 2, perColumn: { 'riddle.answer': { ran: 2 } } })
    offset = 1
    expect(await recompute(runtime, 'riddle', 'answer', { where: [1] })).toMatchObject({ ran: 2 })
    expect((await cell(runtime, 'riddle', 1, 'later')).value).toBe(12)
    expect(await recompute(runtime, 'riddle', 'answer')).toMatchObject({
      perColumn: { 'riddle.answer': { ran: 6 }, 'riddle.later': { ran: expect.any(Number) as number } },
    })
    expect(await cell(runtime, 'riddle', 2, 'answer')).toMatchObject({ value: 21, version: 2 })
    await expect(recompute(runtime, 'riddle', 'answer', { where: ['x' as never] })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    expect(await recompute(runtime, 'riddle', 'answer', { where: [] })).toMatchObject({ ran: 0 })
  })

  test('a cell says why it is not there', async () => {
    broken = false
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [riddle] as never, { worker: false })
    const { runtime } = pipeline
    await insertRows(runtime, riddles, [{ n: 1 }])
    expect(await cell(runtime, 'riddle', 1, 'answer')).toMatchObject({ state: 'pending', reason: 'no worker', value: null, version: null, attempts: 0 })
    await backfillOf(runtime, 'riddle', 'later').pause()
    expect(await cell(runtime, 'riddle', 1, 'later')).toMatchObject({ state: 'pending', reason: 'paused' })
    await backfillOf(runtime, 'riddle', 'later').resume()
    await pipeline.startWorker()
    await settled(runtime)
    await runtime.worker!.stop()
    await runtime.database.query('update riddle set n = 2')
    const stale = await cell(runtime, 'riddle', 1, 'later')
    expect(stale).toMatchObject({ state: 'stale', inputs: { answer: { state: 'stale' } } })
  })

  test('status counts every state, and tells workers, backfills and what nobody serves', async () => {
    broken = true
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [riddle, big] as never)
    const { runtime } = pipeline
    await insertRows(
      runtime,
      riddles,
      [1, 2, 3, 4].map((n) => ({ n })),
    )
    await settled(runtime)
    const now = await status(runtime)
    const [first] = now.tables
    expect(first).toMatchObject({ name: 'riddle', rows: 4, estimated: false })
    expect(first!.columns).toMatchObject([
      { name: 'answer', ok: 3, failed: 1, pending: 0, stale: 0, blocked: 0, error: 0, skipped: 0, etaMs: 0, paused: null, backfill: null, pendingCode: false },
      { name: 'later', ok: 3, blocked: 1 },
    ])
    expect(first!.columns[0]!.perSecond).toBeGreaterThan(0)
    expect(now.workers).toMatchObject([{ pid: process.pid }])
    expect(now.unserved).toEqual([])
    expect(now.declarations).toEqual([])
    await runtime.worker!.stop()
    await runtime.database.query('insert into riddle (n) select i from generate_series(1, 30) i')
    const stopped = await status(runtime)
    expect(stopped.workers).toEqual([])
    expect(stopped.unserved.map(({ column, functions }) => [column, functions[0]!.name])).toEqual([
      ['answer', 'guess'],
      ['later', 'next'],
    ])
    expect(stopped.tables[0]!.columns[0]).toMatchObject({ pending: 30 })
    const sampled = await status(runtime, { exactUpTo: 10 })
    expect(sampled.tables[0]).toMatchObject({ estimated: true, rows: 34 })
  })

  test('a backfill can be watched, throttled, paused, cancelled and waited for', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [big] as never, { worker: false })
    const { runtime } = pipeline
    await insertRows(
      runtime,
      tableDefinition(big),
      Array.from({ length: 3000 }, (_, n) => ({ n })),
      { ids: false },
    )
    await using other = await openColumn(pipeline)
    void other
    const handle = backfillOf(runtime, 'big', 'copy')
    expect(await handle.progress()).toMatchObject({ state: 'running', fraction: 0, rowsLeft: 3000 })
    expect(await handle.estimate()).toMatchObject({ rows: 3000, computeMs: null })
    await handle.throttle(200)
    await pipeline.startWorker()
    await expect(handle.done({ timeoutMs: 700 })).rejects.toMatchObject({ code: 'TIMEOUT', details: { progress: { state: 'running' } } })
    const part = await handle.progress()
    expect(part.rowsDone).toBeGreaterThan(0)
    expect(part.fraction).toBeLessThan(1)
    await handle.pause()
    expect((await handle.progress()).state).toBe('paused')
    await handle.resume()
    await expect(handle.done({ timeoutMs: 700 }), 'throttled as before').rejects.toMatchObject({ code: 'TIMEOUT' })
    await handle.throttle(null)
    expect(await handle.done({ timeoutMs: 30_000 })).toMatchObject({ state: 'done', fraction: 1, rowsLeft: 0 })
    expect((await handle.estimate()).computeMs).toBeGreaterThan(0)
    const { rows } = await runtime.database.query('select count(*)::int as n from live.big where copy is not null')
    expect(rows).toEqual([{ n: 3000 }])
    for (const rate of [0, -1, Number.NaN, Infinity]) await expect(handle.throttle(rate)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
    await expect(backfillOf(runtime, 'big', 'nope').progress()).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' })
    await recompute(runtime, 'big', 'copy', { wait: false })
    await handle.cancel()
    expect(['cancelled', 'done']).toContain((await handle.done({ timeoutMs: 30_000 })).state)
  })
})

/** Adds a slow column to the filled table. */
async function openColumn({ runtime }: { readonly runtime: Parameters<typeof settled>[0] }): Promise<AsyncDisposable> {
  const { declareColumns } = await import('../../../packages/vivant/src/declare/declare-columns.ts')
  const definition = tableDefinition(big.computed('copy', (row) => slow(row.n)))
  await declareColumns(
    runtime,
    definition,
    definition.computed.map((column) => ({ kind: 'computed', column })),
  )
  return { [Symbol.asyncDispose]: async () => {} }
}

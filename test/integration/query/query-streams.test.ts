import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type SchemaOf, t, table, tableDefinition, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { createTableQuery } from '../../../packages/vivant/src/query/table-query.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { openQueries } from './open-queries.ts'

const double = udf({ name: 'stream_double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)
const numbers = table('numbers', { n: t.int() }).computed('twice', (r) => double(r.n))

describeEngines('streams', (engine) => {
  test('every row comes once and in order, and other calls run between the pages', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(numbers)
    await db.insert(
      numbers,
      Array.from({ length: 2500 }, (_unused, n) => ({ n })),
    )
    const seen: number[] = []
    for await (const row of query.orderBy((r) => r.n).stream({ chunkSize: 100 })) {
      seen.push(row.n)
      if (row.n % 500 === 0) {
        await db.insert(numbers, [{ n: 10_000 + row.n }])
        expect(await query.where((r) => r.n.gte(10_000)).count()).toBe(row.n / 500 + 1)
      }
    }
    // one snapshot: what was inserted meanwhile is not in it
    expect(seen).toEqual(Array.from({ length: 2500 }, (_unused, n) => n))
  })

  test('leaving early, an error and an abort close the cursor', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(numbers)
    await db.insert(
      numbers,
      Array.from({ length: 50 }, (_unused, n) => ({ n })),
    )
    const cursors = async (): Promise<number> => (await db.runtime.database.query<{ n: number }>('select count(*)::int4 as n from pg_cursors')).rows[0]!.n
    for await (const row of query.stream({ chunkSize: 10 })) if (row.n === 3) break
    expect(await cursors()).toBe(0)
    await expect(async () => {
      for await (const row of query.stream({ chunkSize: 10 })) if (row.n === 3) throw new Error('stop')
    }).rejects.toThrow('stop')
    expect(await cursors()).toBe(0)
    const abort = new AbortController()
    let seen = 0
    await expect(async () => {
      for await (const _row of query.stream({ chunkSize: 10, signal: abort.signal })) if (++seen === 5) abort.abort()
    }).rejects.toMatchObject({ code: 'ABORTED' })
    expect(seen).toBe(10)
    expect(await cursors()).toBe(0)
  })

  test('in a transaction a stream sees what the transaction wrote', async () => {
    await using db = await openQueries(engine, { worker: false })
    await db.create(numbers)
    await db.runtime.database.transaction(async (tx) => {
      await tx.query('insert into numbers (n) select g from generate_series(1, 30) g')
      const query = createTableQuery<SchemaOf<typeof numbers>>(db.runtime, tableDefinition(numbers), tx)
      const seen: number[] = []
      for await (const row of query.orderBy((r) => r.n).stream({ chunkSize: 7 })) seen.push(row.n)
      expect(seen).toHaveLength(30)
      expect(await query.count()).toBe(30)
    })
  })

  test('memory does not grow with the rows', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(numbers)
    await db.runtime.database.query('insert into numbers (n) select g from generate_series(1, 200000) g')
    const sizes: number[] = []
    let seen = 0
    for await (const _row of query.select((r) => ({ n: r.n, id: r._id })).stream()) {
      seen++
      if (seen % 50_000 === 0) sizes.push(usedBytes())
    }
    expect(seen).toBe(200_000)
    // all rows at once would be some 40 MB
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(8 * 1024 ** 2)
  })

  test('an aborted signal ends a call at once', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(numbers)
    await db.insert(numbers, [{ n: 1 }])
    const aborted = AbortSignal.abort()
    for (const call of [
      query.execute({ signal: aborted }),
      query.count({ signal: aborted }),
      query.executeTakeFirst({ signal: aborted }),
      query.explain({ signal: aborted }),
      query.where((r) => r.n.eq(1)).update({ n: 2 }, { signal: aborted }),
      query.where((r) => r.n.eq(1)).delete({ signal: aborted }),
    ])
      await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await query.execute()).toHaveLength(1)
    if (engine.name === 'embedded') return
    // on a server the statement under way is cancelled there
    await db.runtime.database.transaction(async (tx) => {
      await tx.query('lock table numbers in access exclusive mode')
      await expect(query.execute({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: 'ABORTED' })
      await pollUntil('the statement is cancelled', async () => {
        const { rows } = await tx.query<{ waiting: number }>(
          `select count(*)::int4 as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        return rows[0]?.waiting === 0
      })
    })
    expect(await query.execute()).toHaveLength(1)
  })
})

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

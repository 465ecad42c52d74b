import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { connect, t, udf } from 'vivant'
import { freshDatabase, milliseconds, percentile, type Scenario } from '../scenario.ts'

const rows = 100_000
const operations = 2000
const slow = udf({ name: 'bench_slow', input: [t.int()], output: t.int(), concurrency: 16, version: '1' }, async (value) => sleep(200, value))

/** Point reads through the live view and point updates, on an idle system and while a slow column is being filled. */
export const readersAndWriters: Scenario = {
  name: 'readers-and-writers',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    const { pool, url } = database
    await using db = await connect(url, { worker: true })
    const items = await db.createTable('items', { n: t.int(), note: t.text() })
    await pool.query(`insert into items (n, note) select i, 'note' from generate_series(1, ${rows}) i`)
    await pool.query('analyze items')
    const idle = await measure(pool)
    await items.addComputedColumn('s', (r) => slow(r.n))
    await sleep(1000)
    const busy = await measure(pool)
    return (['read', 'update'] as const).map((what) => ({
      work: `point ${what}s during a backfill of a 200 ms column`,
      budget: 'p99 ≤ 2 × idle',
      measured: `p99 ${milliseconds(percentile(busy[what], 0.99))}`,
      bare: `idle p99 ${milliseconds(percentile(idle[what], 0.99))}`,
      ratio: percentile(busy[what], 0.99) / percentile(idle[what], 0.99),
    }))
  },
}

async function measure(pool: pg.Pool): Promise<{ readonly read: readonly number[]; readonly update: readonly number[] }> {
  const times = { read: [] as number[], update: [] as number[] }
  for (let index = 0; index < operations; index++) {
    const id = 1 + Math.floor(Math.random() * rows)
    for (const [what, text] of [
      ['read', 'select _id, n, note from live.items where _id = $1'],
      ['update', `update items set note = 'other' where _id = $1`],
    ] as const) {
      const began = performance.now()
      await pool.query({ name: `bench_${what}`, text, values: [id] })
      times[what].push(performance.now() - began)
    }
  }
  return times
}

import type pg from 'pg'
import { connect, t } from 'vivant'
import { double } from '../functions.ts'
import { freshDatabase, type Measurement, type Scenario, secondsOf, thousands } from '../scenario.ts'

const rows = 200_000
const singles = 2000
const repeats = 3

/** The same inserts into a table with a computed column and into its twin without triggers; no worker runs. */
export const bulkInsert: Scenario = {
  name: 'bulk-insert',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    const { pool, url } = database
    await using db = await connect(url, { worker: false })
    await db.createTable('armed', { title: t.text(), n: t.int() }).addComputedColumn('a', (r) => double(r.n))
    await pool.query('create table plain (like armed including all)')
    return [
      await compare(pool, 'insert … select', rows, (table) =>
        pool.query(`insert into ${table} (title, n) select 'title ' || i, i from generate_series(1, ${rows}) i`),
      ),
      await compare(pool, 'COPY', rows, async (table) =>
        pool.query(`copy ${table} (title, n) from program 'awk ''BEGIN { for (i = 1; i <= ${rows}; i++) print "title " i "," i }''' with (format csv)`),
      ),
      await compare(pool, 'single rows, 8 clients, one transaction each', singles, (table) => singleRows(pool, table)),
    ]
  },
}

async function compare(pool: pg.Pool, what: string, count: number, insert: (table: string) => Promise<unknown>): Promise<Measurement> {
  const best = { armed: Number.POSITIVE_INFINITY, plain: Number.POSITIVE_INFINITY }
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const table of ['armed', 'plain'] as const) {
      await pool.query(`truncate ${table}; truncate vivant.task; checkpoint`)
      best[table] = Math.min(best[table], await secondsOf(() => insert(table)))
    }
  return {
    work: `insert with a computed column: ${what}`,
    budget: '≥ 0.8 × without triggers',
    measured: `${thousands(count / best.armed)} rows/s`,
    bare: `${thousands(count / best.plain)} rows/s`,
    ratio: best.plain / best.armed,
  }
}

async function singleRows(pool: pg.Pool, table: string): Promise<void> {
  let next = 0
  const client = async (): Promise<void> => {
    while (next < singles) await pool.query({ name: `insert_${table}`, text: `insert into ${table} (title, n) values ($1, $2)`, values: ['title', next++] })
  }
  await Promise.all(Array.from({ length: 8 }, client))
}

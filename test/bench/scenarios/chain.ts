import type pg from 'pg'
import { connect, t } from 'vivant'
import { decrement, double, increment } from '../functions.ts'
import { freshDatabase, type Scenario, secondsOf, thousands } from '../scenario.ts'

const rows = 100_000
const repeats = 3

/** A chain of three trivial columns over 100,000 rows, against a loop that reads the rows and writes three tables of the same shape. */
export const chain: Scenario = {
  name: 'chain',
  run: async (serverUrl) => {
    const seconds: number[] = []
    const bareSeconds: number[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      await using database = await freshDatabase(serverUrl)
      const { pool, url } = database
      {
        await using db = await connect(url)
        await db
          .createTable('items', { n: t.int() })
          .addComputedColumn('a', (r) => double(r.n))
          .addComputedColumn('b', (r) => increment(r.a))
          .addComputedColumn('c', (r) => decrement(r.b))
        await pool.query(`insert into items (n) select i from generate_series(1, ${rows}) i`)
        await pool.query('analyze items')
      }
      {
        await using db = await connect(url, { worker: true, modules: [{ double, increment, decrement }] })
        seconds.push(await secondsOf(() => db.settled()))
      }
      bareSeconds.push(await bare(pool))
    }
    const [best, bestBare] = [Math.min(...seconds), Math.min(...bareSeconds)]
    return [
      {
        work: `trivial functions, ${thousands(rows)} rows × chain of 3`,
        budget: '≥ 0.45 × bare, ≥ 250k cells/s',
        measured: `${thousands((3 * rows) / best)} cells/s`,
        bare: `${thousands((3 * rows) / bestBare)} cells/s`,
        ratio: bestBare / best,
      },
    ]
  },
}

async function bare(pool: pg.Pool): Promise<number> {
  const { rows: cells } = await pool.query<{ name: string }>(`select relname as name from pg_class where relname ~ '^cell_\\d+$' order by relname`)
  const tables = cells.slice(0, 3).map(({ name }) => `bare_${name}`)
  for (const [index, table] of tables.entries())
    await pool.query(`drop table if exists ${table}; create table ${table} (like vivant_data.${cells[index]!.name} including all)`)
  return secondsOf(async () => {
    const pages = Array.from({ length: rows / 2000 }, (_, page) => page * 2000)
    const loop = async (): Promise<void> => {
      for (let from = pages.shift(); from !== undefined; from = pages.shift()) {
        const { rows: read } = await pool.query<number[]>({
          text: 'select _id::int, n::int from items where _id > $1 and _id <= $1 + 2000 order by _id',
          values: [from],
          rowMode: 'array',
        } as never)
        const ids = `{${read.map((row) => row[0]).join(',')}}`
        const values = [read.map((row) => row[1]! * 2), read.map((row) => row[1]! * 2 + 1), read.map((row) => row[1]! * 2)]
        await pool.query({
          name: 'bare_insert',
          text: `with ${tables
            .slice(0, 2)
            .map((table, index) => `w${index} as (${insertText(table, index)})`)
            .join(', ')} ${insertText(tables[2]!, 2)}`,
          values: [ids, ...values.map((list) => `{${list.join(',')}}`)],
        })
      }
    }
    await Promise.all([loop(), loop(), loop()])
  })
}

function insertText(table: string, index: number): string {
  return `insert into ${table} (_id, value, status, version, token, seq) select id, value, 'ok', 1, 0, nextval('vivant.seq') from unnest($1::bigint[], $${index + 2}::bigint[]) u(id, value)`
}

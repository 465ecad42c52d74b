import { connect, t } from 'vivant'
import { increment } from '../functions.ts'
import { freshDatabase, milliseconds, percentile, type Scenario } from '../scenario.ts'

const rows = 100_000
const limit = 20
const queries = 1000
/** The compiler of Node has seen the code by then. */
const warmUps = 500
const names = Array.from({ length: 10 }, (_, index) => `c${index}`)

/** Ten computed columns of twenty rows, by a condition and an order with an index, against the same by hand. */
export const select: Scenario = {
  name: 'select',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    const { pool, url } = database
    await using db = await connect(url, { worker: true })
    const items = await db
      .createTable('items', { n: t.int() })
      .addComputedColumn('c0', (r) => increment(r.n))
      .addComputedColumn('c1', (r) => increment(r.n))
      .addComputedColumn('c2', (r) => increment(r.n))
      .addComputedColumn('c3', (r) => increment(r.n))
      .addComputedColumn('c4', (r) => increment(r.n))
      .addComputedColumn('c5', (r) => increment(r.n))
      .addComputedColumn('c6', (r) => increment(r.n))
      .addComputedColumn('c7', (r) => increment(r.n))
      .addComputedColumn('c8', (r) => increment(r.n))
      .addComputedColumn('c9', (r) => increment(r.n))
    await pool.query(`insert into items (n) select i from generate_series(1, ${rows}) i; create index on items (n); analyze items`)
    await db.settled()
    await pool.query('analyze')
    const own = (from: number): Promise<readonly unknown[]> =>
      items
        .where((r) => r.n.gt(from))
        .orderBy((r) => r.n)
        .limit(limit)
        .select((r) => ({ c0: r.c0, c1: r.c1, c2: r.c2, c3: r.c3, c4: r.c4, c5: r.c5, c6: r.c6, c7: r.c7, c8: r.c8, c9: r.c9 }))
        .execute()
    const { rows: cells } = await pool.query<{ name: string; cell: string }>(
      `select name, cell_table as cell from vivant."column" where cell_table is not null`,
    )
    const tableOf = (name: string): string => cells.find((cell) => cell.name === name)!.cell
    const text = `with page as materialized (select _id, n from items where n > $1 order by n limit ${limit})
select ${names.map((name) => `${name}.value as ${name}`).join(', ')} from page
${names.map((name) => `left join vivant_data.${tableOf(name)} ${name} on ${name}._id = page._id`).join('\n')} order by page.n`
    const hand = async (from: number): Promise<readonly unknown[]> =>
      (await pool.query<Record<string, unknown>>({ name: 'by_hand', text, values: [from] })).rows
    const times = { own: [] as number[], hand: [] as number[] }
    for (let index = 0; index < warmUps + queries; index++) {
      const from = (index * 7919) % (rows - limit)
      // in turns, as the second of a pair finds in the cache what the first has read
      const ways = [{ name: 'own', run: own } as const, { name: 'hand', run: hand } as const]
      for (const { name, run } of index % 2 === 0 ? ways : ways.toReversed()) {
        const began = performance.now()
        if ((await run(from)).length !== limit) throw new Error(`not ${limit} rows`)
        if (index >= warmUps) times[name].push(performance.now() - began)
      }
    }
    const [ours, bare] = [percentile(times.own, 0.5), percentile(times.hand, 0.5)]
    return [
      {
        work: `ten computed columns of ${limit} rows of ${rows / 1000}k`,
        budget: '≤ 1.5 × hand-written',
        measured: `p50 ${milliseconds(ours)}`,
        bare: `p50 ${milliseconds(bare)}`,
        ratio: ours / bare,
      },
    ]
  },
}

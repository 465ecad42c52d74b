import type pg from 'pg'
import { connect, iterator, t, table, view } from 'vivant'
import { freshDatabase, type Scenario, secondsOf, thousands } from '../scenario.ts'

const parents = 1000
const childrenOfEach = 100
const children = parents * childrenOfEach
const repeats = 3

/** Costs nothing, so that what is measured is what Vivant adds to a child. */
const numbers = iterator({ name: 'bench_numbers', input: [t.int()], output: { n: t.int(), word: t.text() }, version: '1' }, function* (n) {
  for (let index = 0; index < childrenOfEach; index++) yield childOf(n, index)
})
const lists = table('lists', { n: t.int() })
const items = view('items', { of: lists, iterate: (list) => numbers(list.n) })

/** A hundred children of each of a thousand parents, against a loop that makes the same rows and writes the same tables. */
export const childrenOfParents: Scenario = {
  name: 'children',
  run: async (serverUrl) => {
    const seconds: number[] = []
    const bareSeconds: number[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      await using database = await freshDatabase(serverUrl)
      const { pool, url } = database
      {
        await using _db = await connect(url, { define: { lists, items }, worker: false })
        await pool.query(`insert into lists (n) select i from generate_series(1, ${parents}) i; analyze lists`)
      }
      {
        await using db = await connect(url, { worker: true, modules: [{ numbers }] })
        seconds.push(await secondsOf(() => db.settled()))
      }
      const { rows } = await pool.query<{ made: number }>('select count(*)::int as made from live.items')
      if (rows[0]!.made !== children) throw new Error(`${rows[0]!.made} children were made`)
      bareSeconds.push(await bare(pool))
    }
    const [best, bestBare] = [Math.min(...seconds), Math.min(...bareSeconds)]
    return [
      {
        work: `${thousands(children)} children of ${thousands(parents)} parents`,
        budget: '≥ 0.5 × bare',
        measured: `${thousands(children / best)} children/s`,
        bare: `${thousands(children / bestBare)} children/s`,
        ratio: bestBare / best,
      },
    ]
  },
}

function childOf(n: number, index: number): { readonly n: number; readonly word: string } {
  return { n: n * 1000 + index, word: `word ${index} of ${n}` }
}

/** Tables of the same shape, indexes, foreign key and triggers apart from capture's; twenty parents a transaction, two transactions at once. */
async function bare(pool: pg.Pool): Promise<number> {
  const { rows: cells } = await pool.query<{ name: string }>(
    `select c.cell_table as name from vivant."column" c join vivant."table" t on t.id = c.table_id where t.name = 'lists' and c.cell_table is not null`,
  )
  await pool.query(`create table bare_items (like items including all, foreign key (_parent) references lists on update cascade on delete cascade);
create table bare_cells (like vivant_data.${cells[0]!.name} including all)`)
  const pages = Array.from({ length: parents / 20 }, (_, page) => page * 20).values()
  const loop = async (): Promise<void> => {
    for (const from of pages) {
      const read = await pool.query<number[]>({
        name: 'bare_read',
        text: 'select _id::int, n::int from lists where _id > $1 and _id <= $1 + 20 order by _id',
        values: [from],
        rowMode: 'array',
      } as never)
      const made = read.rows.flatMap(([id, n]) => Array.from({ length: childrenOfEach }, (_, index) => ({ parent: id!, index, ...childOf(n!, index) })))
      const columns = [made.map(({ parent }) => parent), made.map(({ index }) => index), made.map(({ n }) => n)].map((list) => `{${list.join(',')}}`)
      const words = `{${made.map(({ word }) => `"${word}"`).join(',')}}`
      await pool.query({
        name: 'bare_insert',
        text: `with w as (insert into bare_cells (_id, value, status, version, token, seq) select id, ${childrenOfEach}, 'ok', 1, 0, nextval('vivant.seq') from unnest($1::bigint[]) u(id))
insert into bare_items (_parent, pos, _content, n, word) select p, i, gen_random_uuid(), n, w from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[]) u(p, i, n, w)`,
        values: [`{${read.rows.map(([id]) => id).join(',')}}`, ...columns, words],
      })
    }
  }
  return secondsOf(() => Promise.all([loop(), loop()]))
}

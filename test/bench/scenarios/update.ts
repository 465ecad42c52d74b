import pg from 'pg'
import { connect, iterator, t, table, view } from 'vivant'
import { setTimeout as sleep } from 'node:timers/promises'
import { double } from '../functions.ts'
import { freshDatabase, milliseconds, percentile, type Scenario } from '../scenario.ts'

const rows = 100_000
const updates = 300
const children = 1000
const edits = 100

const lines = iterator({ name: 'bench_lines', input: [t.text()], output: { line: t.text() }, version: '1' }, (text) =>
  text.split('\n').map((line) => ({ line })),
)
const texts = table('texts', { body: t.text() })
const parts = view('parts', { of: texts, iterate: (text) => lines(text.body) })

/** One change by plain SQL until what depends on it can be read, the worker asleep before each. */
export const update: Scenario = {
  name: 'update',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    const { url, pool } = database
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await using db = await connect(url, { define: { texts, parts }, worker: true })
    await using _client = { [Symbol.asyncDispose]: () => client.end() }
    await db.createTable('items', { n: t.int() }).addComputedColumn('a', (item) => double(item.n))
    await pool.query(`insert into items (n) select i from generate_series(1, ${rows}) i; analyze items`)
    await db.settled()
    const change = { text: 'update items set n = $2 where _id = $1', name: 'change' }
    const look = { text: 'select from live.items where _id = $1 and a = $2', name: 'look' }
    const cells = await measure(updates, async (index) => {
      const id = 1 + ((index * 7919) % rows)
      await client.query({ ...change, values: [id, rows + index] })
      while (!(await client.query({ ...look, values: [id, 2 * (rows + index)] })).rowCount);
    })
    const list = Array.from({ length: children }, (_, index) => `line ${index} of many, as long as a line is`)
    await pool.query({ text: 'insert into texts (body) values ($1)', values: [list.join('\n')] })
    await db.settled()
    const ids = async (): Promise<string> =>
      (await pool.query<{ ids: string }>(`select string_agg(_id::text, ',' order by pos) as ids from live.parts`)).rows[0]!.ids
    const before = await ids()
    const changed = await measure(edits, async (index) => {
      const at = (index * 37) % children
      list[at] = `edit ${index}`
      await client.query({ name: 'edit', text: 'update texts set body = $1', values: [list.join('\n')] })
      while (
        !(await client.query({ name: 'child', text: 'select from live.parts where _parent = 1 and pos = $1 and line = $2', values: [at, list[at]] })).rowCount
      );
    })
    if ((await ids()) !== before) throw new Error('rows of the view were made again')
    const p50 = (times: readonly number[]): string => `p50 ${milliseconds(percentile(times, 0.5))}, p99 ${milliseconds(percentile(times, 0.99))}`
    return [
      { work: `update of one row of ${rows / 1000}k → its cell current`, budget: 'p50 ≤ 10 ms', measured: p50(cells) },
      { work: `edit of 1 of ${children} children → the view has it`, budget: 'the other rows stay', measured: p50(changed) },
    ]
  },
}

async function measure(times: number, work: (index: number) => Promise<void>): Promise<readonly number[]> {
  const taken: number[] = []
  for (let index = 0; index < times; index++) {
    await sleep(20)
    const began = performance.now()
    await work(index)
    taken.push(performance.now() - began)
  }
  return taken
}

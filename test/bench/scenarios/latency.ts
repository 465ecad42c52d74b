import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { connect, t } from 'vivant'
import { double } from '../functions.ts'
import { freshDatabase, milliseconds, percentile, type Scenario } from '../scenario.ts'

const inserts = 500

/** One row by plain SQL until its cell can be read, the worker asleep before each. */
export const latency: Scenario = {
  name: 'latency',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    await using db = await connect(database.url, { worker: true })
    await db.createTable('items', { n: t.int() }).addComputedColumn('a', (r) => double(r.n))
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const times: number[] = []
    for (let index = 0; index < inserts; index++) {
      await sleep(20)
      const began = performance.now()
      const { rows } = await client.query<{ _id: string }>({ name: 'insert', text: 'insert into items (n) values ($1) returning _id', values: [index] })
      while (!(await client.query({ name: 'look', text: 'select a from live.items where _id = $1 and a is not null', values: [rows[0]!._id] })).rowCount);
      times.push(performance.now() - began)
    }
    await client.end()
    return [
      {
        work: 'single insert → cell visible, idle worker',
        budget: 'p50 ≤ 3 ms, p99 ≤ 15 ms',
        measured: `p50 ${milliseconds(percentile(times, 0.5))}, p99 ${milliseconds(percentile(times, 0.99))}`,
      },
    ]
  },
}

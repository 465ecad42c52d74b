// An application with a worker whose table is one long group. Its configuration is its first argument; it says `ready`, then `settled`. Each call is
// a line in a file.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, history, t, table, udf } from 'vivant'

export interface GroupProcessConfig {
  readonly url: string
  readonly rows: number
  readonly callMs: number
  readonly calls: string
}

const { url, rows, callMs, calls } = JSON.parse(process.argv[2]!) as GroupProcessConfig
const total = udf(
  { name: 'slow_total', input: [t.int(), t.array(t.record({ sum: t.int().nullable() }))], output: t.int(), version: '1' },
  async (x, earlier, { id }) => {
    appendFileSync(calls, `${id}\n`)
    await sleep(callMs)
    return (earlier.at(-1)?.sum ?? 0) + x
  },
)
const readings = table('readings', { at: t.int(), x: t.int() }).computed('total', (r) =>
  total(r.x, history(r, { orderBy: (row) => row.at, last: 1, select: (_, self) => ({ sum: self(total) }) })),
)
await using db = await connect(url, { define: { readings }, worker: true })
if ((await db.readings.count()) === 0) await db.readings.insert(Array.from({ length: rows }, (_, at) => ({ at, x: 1 })))
process.stdout.write('ready\n')
await db.settled()
process.stdout.write('settled\n')

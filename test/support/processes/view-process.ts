// An application with a worker whose view has one very long list. Its configuration is its first argument; it says `ready`, then `settled <peak bytes>`.
import { connect, iterator, t, table, view } from 'vivant'

export interface ViewProcessConfig {
  readonly url: string
  readonly rows: number
}

const { url, rows } = JSON.parse(process.argv[2]!) as ViewProcessConfig
const count = iterator({ name: 'count_up', input: [t.int()], output: { n: t.int(), text: t.text() }, version: '1', timeoutMs: 300_000 }, function* (to) {
  for (let n = 0; n < to; n++) yield { n, text: `row ${n}` }
})
const sums = table('sums', { to: t.int().primaryKey() })
const numbers = view('numbers', { of: sums, iterate: (sum) => count(sum.to) })
await using db = await connect(url, { define: { sums, numbers }, worker: true })
await db.sums.upsert([{ to: rows }], { on: 'to' })
process.stdout.write('ready\n')
await db.settled()
process.stdout.write(`settled ${process.resourceUsage().maxRSS * 1024}\n`)

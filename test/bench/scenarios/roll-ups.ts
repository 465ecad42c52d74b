import { setTimeout as sleep } from 'node:timers/promises'
import { connect, iterator, t, table, view } from 'vivant'
import { freshDatabase, milliseconds, percentile, type Scenario } from '../scenario.ts'

const parents = 1000
const childrenOfEach = 10
const changesPerSecond = 200
const seconds = 20

const numbers = iterator({ name: 'bench_rolled', input: [t.int()], output: { n: t.int() }, version: '1' }, (n) =>
  Array.from({ length: childrenOfEach }, (_, index) => ({ n: n + index })),
)
const groups = table('groups', { n: t.int() })
const members = view('members', { of: groups, iterate: (group) => numbers(group.n) })

interface Change {
  readonly parent: number
  readonly total: number
  readonly at: number
}

/** A count and a sum over the rows of a view, while a column of those rows is changed at a steady pace: how long a change takes to be in the sum. */
export const rollUps: Scenario = {
  name: 'roll-ups',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    const { pool, url } = database
    await using db = await connect(url, { define: { groups, members }, worker: true })
    const rows = await db.table(members).addColumn('mark', t.int().default(0))
    await db
      .table(groups)
      .addComputedColumn('size', (group) => rows.of(group).count())
      .addComputedColumn('total', (group) => rows.of(group).sum((row) => row.mark))
    await pool.query(`insert into groups (n) select i from generate_series(1, ${parents}) i; analyze`)
    await db.settled()
    const open: Change[] = []
    const lags: number[] = []
    const over = new AbortController()
    const reader = (async () => {
      while (!over.signal.aborted || open.length) {
        const { rows: seen } = await pool.query<{ id: string; total: string }>({
          name: 'totals',
          text: 'select _id as id, total from live.groups where _id = any($1::bigint[])',
          values: [open.map(({ parent }) => parent)],
        })
        const now = performance.now()
        const totals = new Map(seen.map(({ id, total }) => [Number(id), Number(total)]))
        for (const change of open.splice(0)) {
          if (totals.get(change.parent)! < change.total) open.push(change)
          else lags.push(now - change.at)
        }
        await sleep(1)
      }
    })()
    const totals = new Map<number, number>()
    const began = performance.now()
    const writes: Promise<unknown>[] = []
    for (let index = 0; index < seconds * changesPerSecond; index++) {
      await sleep(Math.max(0, began + (index * 1000) / changesPerSecond - performance.now()))
      const parent = 1 + ((index * 7919) % parents)
      const total = (totals.get(parent) ?? 0) + 1
      totals.set(parent, total)
      const at = performance.now()
      writes.push(
        pool
          .query({ name: 'mark', text: 'update members set mark = mark + 1 where _parent = $1 and pos = $2', values: [parent, index % childrenOfEach] })
          .then(() => open.push({ parent, total, at })),
      )
    }
    const pace = (seconds * changesPerSecond * 1000) / (performance.now() - began)
    await Promise.all(writes)
    over.abort()
    await reader
    return [
      {
        work: `count and sum over ${childrenOfEach} children of ${parents} parents, ${pace.toFixed(0)} changes of children/s`,
        budget: 'lag stated',
        measured: `p50 ${milliseconds(percentile(lags, 0.5))}, p99 ${milliseconds(percentile(lags, 0.99))}`,
      },
    ]
  },
}

import { setTimeout as sleep } from 'node:timers/promises'
import { connect, t, udf } from 'vivant'
import { increment } from '../functions.ts'
import { freshDatabase, milliseconds, percentile, type Scenario } from '../scenario.ts'

const inserts = 100
const slow = (name: string) => udf({ name, input: [t.int()], output: t.int(), version: '1' }, async (value) => sleep(100, value))

/** A row through a chain of six columns against a row through one, and two slow columns of one row side by side. */
export const stages: Scenario = {
  name: 'stages',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    await using db = await connect(database.url, { worker: true })
    const one = await db.createTable('one', { n: t.int() }).addComputedColumn('a', (r) => increment(r.n))
    const six = await db
      .createTable('six', { n: t.int() })
      .addComputedColumn('a', (r) => increment(r.n))
      .addComputedColumn('b', (r) => increment(r.a))
      .addComputedColumn('c', (r) => increment(r.b))
      .addComputedColumn('d', (r) => increment(r.c))
      .addComputedColumn('e', (r) => increment(r.d))
      .addComputedColumn('f', (r) => increment(r.e))
    const [first, second] = [slow('bench_slow_1'), slow('bench_slow_2')]
    const two = await db
      .createTable('two', { n: t.int() })
      .addComputedColumn('a', (r) => first(r.n))
      .addComputedColumn('b', (r) => second(r.n))
    const timeOf = async (insert: () => Promise<unknown>, times: number): Promise<number> => {
      const list: number[] = []
      for (let index = 0; index < times; index++) {
        const began = performance.now()
        await insert()
        list.push(performance.now() - began)
      }
      return percentile(list, 0.5)
    }
    await db.settled()
    const oneMs = await timeOf(() => one.insert([{ n: 1 }], { wait: true }), inserts)
    const sixMs = await timeOf(() => six.insert([{ n: 1 }], { wait: true }), inserts)
    const twoMs = await timeOf(() => two.insert([{ n: 1 }], { wait: true }), 10)
    return [
      {
        work: 'chain of 6 on one row, each stage beyond the first',
        budget: '≤ 1 ms',
        measured: milliseconds(Math.max(0, sixMs - oneMs) / 5),
        bare: `one column ${milliseconds(oneMs)}`,
      },
      { work: 'two 100 ms columns of one row', budget: '100 ms, not 200', measured: milliseconds(twoMs) },
    ]
  },
}

import { connect, t } from 'vivant'
import { double } from '../functions.ts'
import { freshDatabase, milliseconds, type Scenario, secondsOf } from '../scenario.ts'

/** Adding a column to a million rows, until another client can select it. */
export const addColumn: Scenario = {
  name: 'add-column',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    await using db = await connect(database.url, { worker: false })
    const items = await db.createTable('items', { n: t.int() })
    await database.pool.query('insert into items (n) select i from generate_series(1, 1000000) i')
    const seconds = await secondsOf(async () => {
      await items.addComputedColumn('a', (r) => double(r.n))
      await database.pool.query('select a from live.items limit 1')
    })
    return [{ work: 'add a column to 1M rows, until other clients see it', budget: '≤ 100 ms', measured: milliseconds(seconds * 1000) }]
  },
}

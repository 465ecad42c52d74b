import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect, t } from 'vivant'
import { freshDatabase, type Scenario, thousands } from '../scenario.ts'

const sizes = [10_000, 1_000_000]

/** Every row of a table once, by `stream()`, at two sizes, each in a process of its own, whose peak memory counts. */
export const stream: Scenario = {
  name: 'stream',
  run: async (serverUrl) => {
    const results: { readonly size: number; readonly seconds: number; readonly peakMb: number }[] = []
    for (const size of sizes) {
      await using database = await freshDatabase(serverUrl)
      {
        await using db = await connect(database.url, { worker: false })
        await db.createTable('items', { n: t.int(), note: t.text() }).addComputedColumn('twice', (r) => r.n.mul(2))
        await database.pool.query(`insert into items (n, note) select i, 'the note of row ' || i from generate_series(1, ${size}) i; analyze items`)
      }
      const program = fileURLToPath(new URL('../stream-process.ts', import.meta.url))
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--max-semi-space-size=4',
        '--conditions=source',
        '--disable-warning=ExperimentalWarning',
        program,
        database.url,
      ])
      const { count, ...result } = JSON.parse(stdout) as { readonly count: number; readonly seconds: number; readonly peakMb: number }
      if (count !== size) throw new Error(`${count} rows came of ${size}`)
      results.push({ size, ...result })
    }
    const [small, large] = results
    return [
      {
        work: `stream of ${sizes.map(thousands).join(', ')} rows`,
        budget: 'memory flat',
        measured: results.map(({ size, seconds, peakMb }) => `${thousands(size / seconds)} rows/s at ${peakMb.toFixed(0)} MB`).join('; '),
        bare: 'peak memory, 1M to 10k rows',
        ratio: large!.peakMb / small!.peakMb,
      },
    ]
  },
}

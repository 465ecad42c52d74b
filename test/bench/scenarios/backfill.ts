import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect, t } from 'vivant'
import { double } from '../functions.ts'
import { freshDatabase, type Scenario, thousands } from '../scenario.ts'

const sizes = [10_000, 100_000, 1_000_000]

/** A backfill of one trivial column at three sizes, each in a process of its own with the flags of the worker's image, whose peak memory counts. */
export const backfill: Scenario = {
  name: 'backfill',
  run: async (serverUrl) => {
    const results: { readonly size: number; readonly seconds: number; readonly peakMb: number }[] = []
    for (const size of sizes) {
      await using database = await freshDatabase(serverUrl)
      {
        await using db = await connect(database.url, { worker: false })
        const items = await db.createTable('items', { n: t.int() })
        await database.pool.query(`insert into items (n) select i from generate_series(1, ${size}) i`)
        await database.pool.query('analyze items')
        await items.addComputedColumn('a', (r) => double(r.n))
      }
      const program = fileURLToPath(new URL('../backfill-process.ts', import.meta.url))
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--max-semi-space-size=4',
        '--conditions=source',
        '--disable-warning=ExperimentalWarning',
        program,
        database.url,
      ])
      results.push({ size, ...(JSON.parse(stdout) as { seconds: number; peakMb: number }) })
    }
    const [small, , large] = results
    return [
      {
        work: `backfill of ${sizes.map(thousands).join(', ')} rows`,
        budget: 'linear, memory flat, ≤ 300 MB',
        measured: results.map(({ size, seconds, peakMb }) => `${thousands(size / seconds)} rows/s at ${peakMb.toFixed(0)} MB`).join('; '),
        bare: 'peak memory, 1M to 10k rows',
        ratio: large!.peakMb / small!.peakMb,
      },
    ]
  },
}

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect, t } from 'vivant'
import { double } from '../functions.ts'
import { milliseconds, type Scenario } from '../scenario.ts'

/** A new process opens an embedded folder that exists, and asks its first query. */
export const embeddedStart: Scenario = {
  name: 'embedded-start',
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vivant-bench-'))
    try {
      {
        await using db = await connect(folder)
        const items = await db.createTable('items', { n: t.int() }).addComputedColumn('a', (r) => double(r.n))
        await items.insert([{ n: 1 }], { wait: true })
      }
      const program = fileURLToPath(new URL('../start-process.ts', import.meta.url))
      const times: number[] = []
      for (let repeat = 0; repeat < 5; repeat++) {
        const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', program, folder])
        times.push(Number(stdout))
      }
      return [{ work: 'start, embedded, warm, to the first query (process start included)', budget: '≤ 1.5 s', measured: milliseconds(Math.min(...times)) }]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

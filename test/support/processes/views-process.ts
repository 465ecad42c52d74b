// The program of views with a worker, on a server or a whole embedded engine with a user who writes, until the process is killed. Its
// configuration is its first argument; it says `ready <worker> <leases of the dead>`, then `stored` for each statement of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from '@vivant/engine'
import { Random } from '../history/random.ts'
import { openPipeline } from '../open-pipeline.ts'
import { ViewProgram } from '../view-history/program.ts'
import { viewStatement } from '../view-history/statements.ts'

export interface ViewsProcessConfig {
  readonly target: string
  readonly slowMs: number
  /** Of the statements that it sends itself; null: none. */
  readonly seed: number | null
}

const { target, slowMs, seed } = JSON.parse(process.argv[2]!) as ViewsProcessConfig
const { runtime, log } = await openPipeline(target, [], { worker: false })
const { rows } = await runtime.database.query<{ n: number }>('select count(*)::int as n from vivant.task where owner is not null')
await new ViewProgram(runtime, slowMs).create()
const worker = new Worker({
  database: runtime.database,
  url: target.startsWith('postgres') ? target : null,
  functions: runtime.functionSource(),
  environment: runtime.functionEnvironment(),
  log,
  pools: null,
  timing: { leaseSeconds: 2, beatMs: 300, upkeepMs: 250 },
})
await worker.start()
process.stdout.write(`ready ${worker.id} ${rows[0]!.n}\n`)
if (seed !== null) {
  const random = new Random(seed)
  for (;;) {
    // ids that are taken, and the like
    await runtime.database.query(viewStatement(random)).catch(() => {})
    process.stdout.write('stored\n')
    worker.wake()
    await sleep(random.int(1, 40))
  }
}

// A whole embedded engine in a process of its own: a folder, a worker, and a user who writes until the process is killed.
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from '@vivant/engine'
import { MemoryLog, plainEnvironment } from '../function-library.ts'
import { programFunctions } from '../history/program.ts'
import { Random } from '../history/random.ts'
import { openSystem } from '../test-table.ts'
import { type Instruments, instrumentedFunctions } from './instrumented-functions.ts'

export interface EmbeddedProcessConfig extends Instruments {
  readonly folder: string
  readonly seed: number
  readonly table: string
}

const config = JSON.parse(process.argv[2]!) as EmbeddedProcessConfig
const random = new Random(config.seed)
const database = await openSystem(config.folder)
const { rows: left } = await database.query<{ leases: number }>('select count(*)::int as leases from vivant.task where owner is not null')
process.stdout.write(`leases ${left[0]!.leases}\n`)
const log = new MemoryLog()
const worker = new Worker({
  database,
  url: null,
  functions: instrumentedFunctions(programFunctions(), config),
  environment: plainEnvironment(log),
  log,
  pools: null,
})
await worker.start()
process.stdout.write(`ready ${worker.id}\n`)
for (;;) {
  const { rows } = await database.query<{ _id: number }>(
    `insert into ${config.table} (x, y, z) select ${random.int(0, 6)} + i, ${random.int(0, 10)}, i from generate_series(1, ${random.int(1, 4)}) i returning _id`,
  )
  // what is said here was committed before
  process.stdout.write(`stored ${rows.map((row) => row._id).join(',')}\n`)
  await database.query(`update ${config.table} set x = x + 1, y = ${random.int(0, 10)} where _id % 20 = ${random.int(0, 19)}`)
  worker.wake()
  await sleep(random.int(1, 30))
}

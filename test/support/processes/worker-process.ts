// A worker in a process of its own, from the engine's parts. Its configuration is its first argument; it says `ready <id>`.
import { Worker, type WorkerTiming } from '@vivant/engine'
import { openDatabase } from '@vivant/storage'
import { MemoryLog, plainEnvironment } from '../function-library.ts'
import { programFunctions } from '../history/program.ts'
import { type Instruments, instrumentedFunctions } from './instrumented-functions.ts'

export interface WorkerProcessConfig extends Instruments {
  readonly url: string
  readonly pools: readonly string[] | null
  readonly timing: Partial<WorkerTiming>
  readonly slots?: number
}

const config = JSON.parse(process.argv[2]!) as WorkerProcessConfig
const database = await openDatabase(config.url, { connections: 8, applicationName: 'vivant worker process' })
const log = new MemoryLog()
const worker = new Worker({
  database,
  url: config.url,
  functions: instrumentedFunctions(programFunctions(), config),
  environment: plainEnvironment(log),
  log,
  pools: config.pools,
  timing: config.timing,
  ...(config.slots === undefined ? {} : { slots: config.slots }),
})
await worker.start()
process.stdout.write(`ready ${worker.id}\n`)
process.on('SIGTERM', () => void end())

async function end(): Promise<void> {
  await worker.stop()
  await database[Symbol.asyncDispose]()
  for (const error of log.errors) process.stdout.write(`error ${error}\n`)
}

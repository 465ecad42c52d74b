import type { Database } from '@vivant/storage'
import { buryWorkers, expireLeases, type HistoryWorker } from './history-worker.ts'
import type { Random } from './random.ts'

/** Beyond this many deaths of one row, its column may be taken for the murderer. */
const maxDeaths = 3

export interface WorkerCrewOptions {
  readonly database: Database
  /** Workers at a time. */
  readonly most: number
  readonly random: Random
  readonly start: (pools: readonly string[] | null) => Promise<HistoryWorker>
}

/** The workers of a history, which come, go and die. */
export class WorkerCrew implements AsyncDisposable {
  readonly #options: WorkerCrewOptions
  readonly #alive: HistoryWorker[] = []
  readonly #dead: HistoryWorker[] = []
  #deaths = 0

  constructor(options: WorkerCrewOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#alive.length === 0
  }

  readonly wake = (): void => {
    for (const worker of this.#alive) worker.wake()
  }

  async start(pools: readonly string[] | null): Promise<void> {
    if (this.#alive.length >= this.#options.most) await this.stopOne()
    this.#alive.push(await this.#options.start(pools))
  }

  async stopOne(): Promise<void> {
    await this.#alive.shift()?.stop()
  }

  async killOne(): Promise<void> {
    if (this.isEmpty || !this.#dies()) return
    const [worker] = this.#alive.splice(this.#options.random.int(0, this.#alive.length - 1), 1)
    this.#dead.push(worker!)
    await worker!.kill()
  }

  /** A worker was paused for longer than its leases last, and goes on. */
  async expireOne(): Promise<void> {
    const worker = this.#alive[0]
    if (worker && this.#dies()) await expireLeases(this.#options.database, [worker.id])
  }

  /** Claims that were on their way when their worker died are freed as well. */
  async bury(): Promise<void> {
    const dead = this.#dead.map(({ id }) => id)
    if (dead.length) await buryWorkers(this.#options.database, dead)
  }

  /** What they said went wrong in the engine itself. */
  errors(): readonly string[] {
    return this.#alive.flatMap((worker) => worker.errors())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#alive) await worker.stop()
  }

  #dies(): boolean {
    return this.#deaths++ < maxDeaths
  }
}

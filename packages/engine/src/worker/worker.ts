import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { claimsUntilIsolated, freeAllLeases, type Claim } from '@vivant/queue'
import type { FunctionLog } from '@vivant/core'
import { expansionPool, groupPool, type Database } from '@vivant/storage'
import { LockedRows } from '../evaluate/locked-rows.ts'
import type { EngineContext, FunctionSource } from '../engine-context.ts'
import type { FunctionEnvironment } from '../functions/run-function.ts'
import { CatalogCache, missingFunctions } from './catalog-cache.ts'
import { startHeartbeat, type Heartbeat } from './heartbeat.ts'
import { IndexBuilder } from './index-builder.ts'
import { Claimer } from './next-claim.ts'
import { Pace } from './pace.ts'
import { processClaim } from './process-claim.ts'
import { Sleeper } from './sleeper.ts'
import { upkeep } from './upkeep.ts'
import { defaultTiming, type WorkerTiming } from './worker-timing.ts'

export interface WorkerOptions {
  readonly database: Database
  /** For the heartbeat's own connection; null when only a pool is known. */
  readonly url: string | null
  readonly functions: FunctionSource
  readonly environment: FunctionEnvironment
  readonly log: FunctionLog
  /** Left out: the pool `default`; null: every pool, for a process that is alone. */
  readonly pools?: readonly string[] | null
  /** Claims that are settled at once. */
  readonly slots?: number
  /** How long `stop` waits for what is under way. */
  readonly drainMs?: number
  readonly timing?: Partial<WorkerTiming>
}

const indexBuildMs = 60_000
const smallClaimIds = 16
const smallClaimMs = 3
const defaultDrainMs = 30_000

/**
 * Claims tasks, settles them, sleeps when there are none.
 *
 * - *starting*: registers itself, reads the catalog, frees what dead workers left.
 * - *working*: up to `slots` claims are under way; one slot is kept for fresh rows and retries.
 * - *asleep*: announced in its row; woken by a notification, by `wake()`, or by its own slow poll.
 * - *draining* (`stop`): claims nothing, finishes what is under way, then gives the rest back.
 */
export class Worker implements AsyncDisposable {
  readonly id: string = randomUUID()
  readonly #options: WorkerOptions
  readonly #pools: readonly string[] | null
  readonly #context: EngineContext
  readonly #timing: WorkerTiming
  readonly #catalog: CatalogCache
  readonly #pace = new Pace()
  readonly #claimer: Claimer
  readonly #sleeper: Sleeper
  readonly #indexBuilder: IndexBuilder
  readonly #abort = new AbortController()
  readonly #active = new Map<Promise<void>, Claim>()
  #heartbeat: Heartbeat | undefined
  #loop: Promise<void> | undefined
  #stopping = false
  #upkeepAt = 0
  #calls = 0

  constructor(options: WorkerOptions) {
    const pools = options.pools === undefined ? ['default'] : options.pools
    this.#pools = pools
    this.#options = options
    this.#timing = { ...defaultTiming, ...options.timing }
    const { database, functions, environment, log } = options
    this.#context = { database, functions, environment, log, owner: this.id, lockedRows: new LockedRows() }
    this.#catalog = new CatalogCache(options.database, options.functions)
    this.#claimer = new Claimer({
      database: options.database,
      catalog: this.#catalog,
      pace: this.#pace,
      owner: this.id,
      pools: pools && pools.flatMap((pool) => [pool, expansionPool(pool), groupPool(pool)]),
      leaseSeconds: this.#timing.leaseSeconds,
    })
    this.#sleeper = new Sleeper(options.database, this.id)
    this.#indexBuilder = new IndexBuilder(options.database, options.log, indexBuildMs)
  }

  /** Function calls of this worker since its start. */
  get calls(): number {
    return this.#calls
  }

  async start(): Promise<void> {
    const { database, url } = this.#options
    if (database.profile.singleProcess) {
      await freeAllLeases(database)
      await database.query('delete from vivant.worker')
    }
    await this.#register()
    await this.#catalog.refresh()
    this.#warnOfMissingCode()
    this.#heartbeat = startHeartbeat(database, this.id, url, this.#timing)
    this.#loop = this.#run()
  }

  /** There may be work: a call in this process has just committed some. */
  wake(): void {
    this.#sleeper.wake()
  }

  /** What this process can run has changed. */
  async functionsChanged(): Promise<void> {
    this.#catalog.updateRunnable()
    await this.#register()
    this.wake()
  }

  /** Finishes what is under way, for as long as it is given, and gives the rest back. */
  async stop(): Promise<void> {
    if (this.#stopping) return this.#loop
    this.#stopping = true
    this.#sleeper.wake()
    const drain = setTimeout(() => this.#abort.abort(new Error('the worker stops')), this.#options.drainMs ?? defaultDrainMs)
    await this.#loop
    await Promise.all(this.#active.keys())
    clearTimeout(drain)
    await this.#indexBuilder[Symbol.asyncDispose]()
    await this.#heartbeat?.[Symbol.asyncDispose]()
    await this.#sleeper[Symbol.asyncDispose]()
    await this.#options.database.query({ text: 'delete from vivant.worker where id = $1', values: [this.id] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stopping;) {
      try {
        await this.#step()
        failures = 0
      } catch (error) {
        // the database is away: nothing is lost, so wait and look again
        this.#options.log.warn('The worker cannot reach its work; it tries again.', { error: (error as Error).message })
        await this.#sleeper.wait(Math.min(100 * 2 ** failures++, 10_000))
      }
    }
  }

  async #step(): Promise<void> {
    const slots = this.#options.slots ?? (this.#options.database.profile.connections > 1 ? 4 : 2)
    if (this.#active.size >= slots) {
      await Promise.race(this.#active.keys())
      return
    }
    if (performance.now() - this.#upkeepAt > this.#timing.upkeepMs) {
      this.#upkeepAt = performance.now()
      await upkeep(this.#options.database, this.#options.log)
      this.#indexBuilder.tick(await this.#catalog.refresh())
    }
    const urgentOnly = slots > 1 && this.#active.size === slots - 1
    const isolating = [...this.#active.values()].some(({ tasks }) => tasks[0]!.claims >= claimsUntilIsolated)
    const claim = await this.#claimer.next({ urgentOnly, isolating })
    if (claim) {
      this.#begin(claim)
      await this.#sleeper.busy()
      // all that was ready: it is over before a look for more would be
      if (isSmall(claim)) await Promise.race([...this.#active.keys(), this.#sleeper.wait(smallClaimMs)])
    } else if (this.#active.size) {
      await Promise.race([...this.#active.keys(), this.#sleeper.wait(20)])
    } else if (await this.#catalog.refresh()) this.#indexBuilder.tick(true)
    else await this.#sleeper.sleep()
  }

  #begin(claim: Claim): void {
    const tasks = claim.tasks.map((task) => task.id)
    this.#heartbeat?.add(tasks)
    const work = processClaim({ context: this.#context, catalog: this.#catalog, pace: this.#pace, signal: this.#abort.signal }, claim)
      .then((calls) => void (this.#calls += calls))
      .finally(() => {
        this.#heartbeat?.remove(tasks)
        this.#active.delete(work)
      })
    this.#active.set(work, claim)
  }

  async #register(): Promise<void> {
    await this.#options.database.query({
      text: `insert into vivant.worker (id, host, pid, pools, functions) values ($1, $2, $3, $4, $5)
on conflict (id) do update set functions = excluded.functions, seen_at = now()`,
      values: [this.id, hostname(), process.pid, this.#pools ?? ['*'], JSON.stringify(this.#options.functions.list())],
    })
  }

  /** Bundlers and other compile targets change sources: a worker that can run nothing of what is asked for says so at once. */
  #warnOfMissingCode(): void {
    const own = this.#options.functions.list()
    for (const model of this.#catalog.models)
      for (const column of model.cells)
        for (const { name, hash } of missingFunctions(this.#options.functions, column)) {
          const has = own[name]
          this.#options.log.warn(
            has
              ? `This worker has other code for ${name} than "${model.name}.${column.name}" asks for: it leaves those cells to others. Declare the new code (connect({ define }) or replaceComputedColumn), or give the function a version.`
              : `This worker does not have ${name}, which "${model.name}.${column.name}" needs: start it with the module that defines it.`,
            { table: model.name, column: column.name, function: name, wanted: hash, own: has ?? null },
          )
        }
  }
}

function isSmall(claim: Claim): boolean {
  return claim.tasks.reduce((sum, task) => sum + task.ids.length, 0) <= smallClaimIds
}

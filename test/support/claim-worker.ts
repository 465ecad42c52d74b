import { randomUUID } from 'node:crypto'
import { CatalogCache, type FunctionSource, Pace, processClaim } from '@vivant/engine'
import { type Claim, claimTasks } from '@vivant/queue'
import type { Database } from '@vivant/storage'
import { engineContext } from './function-library.ts'

/** A worker that settles a claim when a test says so: from the load to the commit, as workers do. */
export class ClaimWorker {
  readonly #work: Parameters<typeof processClaim>[0]
  readonly #pools: readonly string[]

  constructor(database: Database, functions: FunctionSource, pools: readonly string[]) {
    const context = engineContext({ database, functions, owner: randomUUID() })
    this.#work = { context, catalog: new CatalogCache(database, functions), pace: new Pace(), signal: new AbortController().signal }
    this.#pools = pools
  }

  /** Claims what is free of one table and settles it; fails when there is nothing. */
  async settleOne(): Promise<void> {
    const claim = await this.claim()
    if (!claim) throw new Error(`there is nothing to claim in ${this.#pools.join(', ')}`)
    await processClaim(this.#work, claim)
  }

  async settle(claim: Claim): Promise<void> {
    await processClaim(this.#work, claim)
  }

  async settleAll(): Promise<void> {
    for (let claim = await this.claim(); claim; claim = await this.claim()) await processClaim(this.#work, claim)
  }

  /** Leases what is free, for `settle`. */
  async claim(): Promise<Claim | null> {
    const { context, catalog } = this.#work
    await catalog.refresh()
    const claimOf = (kind: 'fresh' | 'retry' | 'backfill'): Promise<Claim | null> =>
      claimTasks(context.database, { owner: context.owner, kind, pools: this.#pools, runnable: catalog.runnable, maxIds: 1000, after: 0 })
    return (await claimOf('fresh')) ?? (await claimOf('retry')) ?? claimOf('backfill')
  }
}

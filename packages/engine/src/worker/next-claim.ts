import { type Claim, claimsUntilIsolated, claimTasks, peekWaiting, type TaskKind } from '@vivant/queue'
import { openBackfills, takeSlice, type Database } from '@vivant/storage'
import type { CatalogCache } from './catalog-cache.ts'
import type { Pace } from './pace.ts'

/** Fresh rows come first; then groups of rows and due retries before backfills; upkeep last. */
const later = ['group', 'retry', 'backfill', 'sweep'] as const satisfies readonly TaskKind[]
/** Every so many claims fresh rows come last, and each of the others has its turn to be first, so that nothing starves. */
const turnEvery = 8
/** So long without a turn, and backfills have the slot once that is kept for fresh rows: under steady writing no other may ever be free. */
const overdueMs = 1000
/** The front of the index is looked at again this often: task ids commit out of order. */
const rescanMs = 3000
const maxIds = 4000
const sliceMs = 1000
const maxSliceRows = 2000

export interface ClaimerOptions {
  readonly database: Database
  readonly catalog: CatalogCache
  readonly pace: Pace
  readonly owner: string
  readonly leaseSeconds: number
  /** Null: every pool. */
  readonly pools: readonly string[] | null
}

export interface NextClaim {
  /** Leaves backfills to others: a slot is kept for fresh rows. */
  readonly urgentOnly: boolean
  /** A row that may have killed its worker is in this worker's hands: if it dies now, it is known of whom, so it takes no second one. */
  readonly isolating: boolean
}

/** Finds the next work in the order of service. */
export class Claimer {
  readonly #options: ClaimerOptions
  /** Below these ids no free task of the kind is left, as far as this worker saw. */
  readonly #marks = new Map<TaskKind, number>()
  #rescannedAt = 0
  #sinceTurn = 0
  #turnedAt = performance.now()
  #turns = 0

  constructor(options: ClaimerOptions) {
    this.#options = options
  }

  async next(wanted: NextClaim): Promise<Claim | null> {
    const overdue = wanted.urgentOnly && performance.now() - this.#turnedAt > overdueMs
    const turned = overdue || this.#sinceTurn >= turnEvery - 1
    const options = { ...wanted, urgentOnly: wanted.urgentOnly && !overdue }
    const claim = turned
      ? ((await this.#later(options, this.#turns++ % later.length)) ?? (await this.#claim('fresh', options)))
      : ((await this.#claim('fresh', options)) ?? (await this.#later(options, 0)))
    const hadTurn = turned && !options.urgentOnly
    if (hadTurn) this.#turnedAt = performance.now()
    if (claim) this.#sinceTurn = hadTurn ? 0 : this.#sinceTurn + 1
    return claim
  }

  /** Everything but fresh rows. */
  async #later(options: NextClaim, first: number): Promise<Claim | null> {
    const waiting = await peekWaiting(this.#options.database)
    for (const kind of [...later.slice(first), ...later.slice(0, first)]) {
      if (options.urgentOnly && kind !== 'retry' && kind !== 'group') continue
      const claim = (waiting[kind] ? await this.#claim(kind, options) : null) ?? (kind === 'backfill' && waiting.slices ? await this.#slice() : null)
      if (claim) return claim
    }
    return null
  }

  async #claim(kind: TaskKind, options: NextClaim): Promise<Claim | null> {
    if (performance.now() - this.#rescannedAt > rescanMs) {
      this.#marks.clear()
      this.#rescannedAt = performance.now()
    }
    const { database, owner, pools, catalog, leaseSeconds } = this.#options
    const after = this.#marks.get(kind) ?? 0
    const request = { owner, kind, pools, runnable: catalog.runnable, maxIds, after, leaseSeconds }
    const claim = await claimTasks(database, options.isolating ? { ...request, claimsBelow: claimsUntilIsolated } : request)
    if (claim) {
      // the oldest free task decides which table and pool, so none lies before it
      this.#marks.set(kind, claim.tasks[0]!.id - 1)
      return claim
    }
    if (after === 0) return null
    this.#marks.delete(kind)
    return this.#claim(kind, options)
  }

  async #slice(): Promise<Claim | null> {
    const { database, owner, pools, catalog, pace, leaseSeconds } = this.#options
    for (const backfill of await openBackfills(database, pools, catalog.runnable)) {
      const model = await catalog.table(backfill.tableId)
      if (!model) continue
      const size = pace.rows(`${model.id} ${backfill.pool}`, sliceMs, maxSliceRows)
      const slice = await takeSlice(database, backfill, model, { owner, leaseSeconds, size })
      if (typeof slice === 'string') continue
      const task = {
        id: slice.taskId,
        tableId: model.id,
        pool: backfill.pool,
        kind: 'backfill',
        ids: slice.ids,
        columns: [backfill.columnId],
        forced: false,
        since: slice.since,
        claims: 0,
        suspect: null,
      } as const
      return { tableId: model.id, pool: backfill.pool, schemaVersion: 0, tasks: [task] }
    }
    return null
  }
}

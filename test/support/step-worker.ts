import { randomUUID } from 'node:crypto'
import { type Chunk, type ChunkOutcome, type EngineContext, prepareChunk } from '@vivant/engine'
import { type Claim, claimTasks, releaseTasks, type TaskKind } from '@vivant/queue'
import { activeCells, type Database, openBackfills, planLoad, readTable, sweepCells, systemPool, takeSlice, type TableModel } from '@vivant/storage'
import { engineContext, type FunctionLibrary } from './function-library.ts'

/**
 * A worker whose steps a test takes one by one: claim, load, evaluate, commit. Between them others may do what they like,
 * which is how a trace of the protocol is forced on a real database.
 */
export class StepWorker {
  readonly context: EngineContext
  readonly pool: string

  constructor(database: Database, functions: FunctionLibrary, pool = 'default') {
    this.context = engineContext({ database, functions, owner: randomUUID() })
    this.pool = pool
  }

  /** Leases the free tasks of a kind; fails when there are none. */
  async claim(kind: TaskKind = 'fresh'): Promise<Claim> {
    const claim = await this.tryClaim(kind)
    if (!claim) throw new Error(`no ${kind} task to claim in pool ${this.pool}`)
    return claim
  }

  async tryClaim(kind: TaskKind = 'fresh'): Promise<Claim | null> {
    const { database, owner } = this.context
    const runnable = await this.#runnable()
    return claimTasks(database, { owner, kind, pools: [this.pool], runnable, maxIds: 1000, after: 0 })
  }

  /** The next slice of the first open backfill as a claim; null when nothing was left of it. */
  async claimSlice(size = 100): Promise<Claim | null> {
    const { database, owner } = this.context
    const [backfill] = await openBackfills(database, [this.pool], await this.#runnable())
    if (!backfill) return null
    const model = (await readTable(database, backfill.tableId))!
    const slice = await takeSlice(database, backfill, model, { owner, leaseSeconds: 30, size })
    if (typeof slice === 'string') return null
    const task = {
      id: slice.taskId,
      tableId: model.id,
      pool: this.pool,
      kind: 'backfill',
      ids: slice.ids,
      columns: null,
      forced: false,
      since: slice.since,
      claims: 0,
      suspect: null,
    } as const
    return { tableId: model.id, pool: this.pool, schemaVersion: 0, tasks: [task] }
  }

  /** The load; `model` is a catalog that was read earlier, as a worker keeps it. */
  async load(claim: Claim, model?: TableModel): Promise<LoadedChunk> {
    const { database } = this.context
    const known = model ?? (await readTable(database, claim.tableId))!
    const tasks = claim.tasks.map((task) => task.id)
    const chunk = await prepareChunk(this.context, {
      model: known,
      plan: planLoad(known, this.pool),
      pool: this.pool,
      tasks,
      ids: [...new Set(claim.tasks.flatMap((task) => task.ids))].toSorted((left, right) => left - right),
      forced: new Set(claim.tasks[0]!.forced ? claim.tasks.flatMap((task) => task.columns ?? []) : []),
      since: Math.min(...claim.tasks.map((task) => task.since)),
      sinces: null,
      final: true,
      putBack: [],
      insertTasks: [],
      signal: new AbortController().signal,
    })
    return new LoadedChunk(this.context, chunk, tasks)
  }

  /** Claim, load and evaluate: what is left is the commit. */
  async prepare(kind: TaskKind = 'fresh', model?: TableModel): Promise<LoadedChunk> {
    const chunk = await this.load(await this.claim(kind), model)
    await chunk.evaluate()
    return chunk
  }

  async claimAndCommit(kind: TaskKind = 'fresh', model?: TableModel): Promise<ChunkOutcome> {
    return (await this.prepare(kind, model)).commit()
  }

  /** Everything there is to do in its pool, backfills and sweeps included. */
  async finishAll(): Promise<void> {
    for (let more = true; more;) {
      more = false
      for (const kind of ['fresh', 'retry', 'backfill', 'sweep'] as const)
        for (let claim = await this.tryClaim(kind); claim; claim = await this.tryClaim(kind)) {
          more = true
          await this.settle(claim)
        }
      for (let slice = await this.claimSlice(); slice; slice = await this.claimSlice()) {
        more = true
        await this.settle(slice)
      }
    }
  }

  /** From load to commit, or the sweep that the claim is. */
  async settle(claim: Claim): Promise<void> {
    const { database, owner } = this.context
    if (claim.pool === systemPool) {
      const ids = claim.tasks.flatMap((task) => task.ids)
      await sweepCells(database, (await readTable(database, claim.tableId))!, { owner, tasks: claim.tasks.map((task) => task.id), ids })
      return
    }
    const chunk = await this.load(claim)
    await chunk.evaluate()
    await chunk.commit()
  }

  async #runnable(): Promise<readonly number[]> {
    const { rows } = await this.context.database.query<{ id: number }>('select id from vivant."table"')
    const models = await Promise.all(rows.map(({ id }) => readTable(this.context.database, id)))
    return models.flatMap((model) => (model ? activeCells(model).map((column) => column.id) : []))
  }
}

/** Rows between load and commit. */
export class LoadedChunk {
  readonly #context: EngineContext
  readonly #chunk: Chunk
  readonly #tasks: readonly number[]

  constructor(context: EngineContext, chunk: Chunk, tasks: readonly number[]) {
    this.#context = context
    this.#chunk = chunk
    this.#tasks = tasks
  }

  async evaluate(): Promise<void> {
    await this.#chunk.evaluate()
  }

  /** As a worker ends a claim: what the commit did not accept is given back. */
  async commit(): Promise<ChunkOutcome> {
    const outcome = await this.#chunk.finish()
    if (!outcome.accepted) await releaseTasks(this.#context.database, this.#context.owner, this.#tasks)
    return outcome
  }
}

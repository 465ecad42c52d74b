import { VivantError } from '@vivant/core'
import { drawSince, readIdBounds, readOpenWork, readTable, readTables, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { countRun } from './count-run.ts'
import { openWorkLook } from './open-work-look.ts'
import type { RunResult } from './run-result.ts'
import { waitUntilNone, type WaitOptions } from './wait-loop.ts'

export interface SettledOptions extends WaitOptions {
  /** Only these tables (default: all). */
  readonly tables?: readonly string[]
}

/** Up to when each table's cells were counted, by the clock of the database. */
const countedUpTo = new WeakMap<Runtime, Map<number, string>>()

/**
 * Waits for everything that was captured before the call, retries and open backfills included; what others write meanwhile
 * is not waited for, so it ends. Columns that are paused are not waited for; the result names them.
 *
 * The result counts the cells that were computed since the last `settled` of this connection (or since it was opened), by
 * whichever process: called twice in a row, the second finds nothing.
 *
 * @throws TIMEOUT after `timeoutMs`; the result so far is in `details.result`
 * @throws NO_WORKER when no live worker can compute something that is waited for: it is named
 * @throws ABORTED by `signal`
 * @example
 * const { ran, failed } = await settled(runtime, { timeoutMs: 60_000 })
 */
export async function settled(runtime: Runtime, options: SettledOptions = {}): Promise<RunResult> {
  const startedAt = performance.now()
  const { database } = runtime
  const models = await chosenTables(runtime, options.tables)
  const tableIds = options.tables ? (await withParents(runtime, models)).map((model) => model.id) : null
  const { since } = await drawSince(database)
  const bounds = await readIdBounds(database, models)
  const marks = marksOf(runtime)
  runtime.wake()
  const look = openWorkLook(runtime, { since, tableIds, bounds })
  await waitUntilNone(look, options, async () => {
    const result = await countRun(database, await counted(runtime, options.tables, marks.read), startedAt)
    const work = await readOpenWork(database, since, tableIds)
    return new VivantError(
      'TIMEOUT',
      `After ${options.timeoutMs} ms about ${Math.max(1, work.rows)} rows are not settled. The work goes on; the result so far is in details.result.`,
      {
        details: { result, remaining: work.rows },
      },
    )
  })
  const end = await drawSince(database)
  const result = await countRun(database, await counted(runtime, options.tables, marks.read), startedAt)
  marks.advance(models, end.now)
  return result
}

async function chosenTables(runtime: Runtime, names: readonly string[] | undefined): Promise<readonly TableModel[]> {
  const models = await readTables(runtime.database, runtime.schemaName)
  if (!names) return models
  return names.map((name) => {
    const model = models.find((entry) => entry.name === name)
    if (!model) throw new VivantError('TABLE_NOT_FOUND', `There is no table "${name}": create it first, or look at its name.`, { details: { table: name } })
    return model
  })
}

/** The rows of a view are made by work on its parent. */
async function withParents(runtime: Runtime, models: readonly TableModel[]): Promise<readonly TableModel[]> {
  const all = new Set(models)
  for (const { view } of all) {
    const parent = view && (await readTable(runtime.database, view.parentId))
    if (parent && ![...all].some(({ id }) => id === parent.id)) all.add(parent)
  }
  return [...all]
}

/** Read again at the end: columns may have been added meanwhile. */
async function counted(runtime: Runtime, names: readonly string[] | undefined, after: (tableId: number) => string) {
  const models = await readTables(runtime.database, runtime.schemaName)
  return models.filter((model) => !names || names.includes(model.name)).map((model) => ({ model, columns: model.cells, range: { after: after(model.id) } }))
}

function marksOf(runtime: Runtime) {
  const marks = countedUpTo.get(runtime) ?? new Map<number, string>()
  countedUpTo.set(runtime, marks)
  return {
    read: (tableId: number): string => marks.get(tableId) ?? runtime.openedAt,
    advance: (models: readonly TableModel[], now: string): void => {
      for (const model of models) marks.set(model.id, now)
    },
  }
}

import {
  type CellColumn,
  type ColumnStates,
  countFailures,
  estimateRows,
  existingTables,
  readBackfills,
  readColumnStates,
  readTables,
  readWaitingDeclarations,
  type TableModel,
  type WorkerRow,
  type WriteHolder,
} from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { type BackfillProgress, progressOf } from './backfill-handle.ts'
import { visibleName } from './count-run.ts'
import { liveWorkers, noWorkerReason } from './live-workers.ts'

export interface StatusOptions {
  /** Tables of more rows than this are looked at by a sample (default 50,000). */
  readonly exactUpTo?: number
}

export interface DatabaseStatus {
  readonly tables: readonly TableStatus[]
  readonly workers: readonly WorkerStatus[]
  /** Columns that no live worker can compute: their cells wait. */
  readonly unserved: readonly UnservedColumn[]
  /** Declarations that wait for transactions which were writing when they began. */
  readonly declarations: readonly DeclarationStatus[]
}

export interface TableStatus {
  readonly name: string
  readonly rows: number
  /** True: the numbers of the table and its columns are from a sample. */
  readonly estimated: boolean
  readonly columns: readonly ColumnStatus[]
}

export interface ColumnStatus {
  readonly name: string
  readonly pool: string
  readonly version: number
  readonly ok: number
  readonly pending: number
  readonly stale: number
  readonly error: number
  readonly failed: number
  readonly blocked: number
  readonly skipped: number
  /** Cells of the last minute. */
  readonly perSecond: number
  /** When pending and stale cells are done at this rate; null when nothing moves. */
  readonly etaMs: number | null
  /** Of its open backfill. */
  readonly backfill: BackfillProgress | null
  /** Why it is not computed; null when it is. */
  readonly paused: string | null
  /** New code is recorded, and `recompute` brings it to the cells that stand (policy `manual`). */
  readonly pendingCode: boolean
}

export interface WorkerStatus {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly pools: readonly string[]
  readonly startedAt: Date
  readonly seenAt: Date
  readonly asleep: boolean
  /** Tasks that it holds. */
  readonly tasks: number
}

export interface UnservedColumn {
  readonly table: string
  readonly column: string
  readonly pool: string
  /** Whether any live worker serves the pool. */
  readonly poolServed: boolean
  readonly functions: readonly { readonly name: string; readonly hash: string }[]
  /** Those that a worker has with other code. */
  readonly otherCode: readonly string[]
}

export interface DeclarationStatus {
  readonly table: string
  readonly columns: readonly string[]
  readonly since: Date
  readonly waitsFor: readonly WriteHolder[]
}

const defaultExactUpTo = 50_000

/**
 * What is done, what is not, and what it waits for. Large tables are estimated from a sample.
 *
 * @example
 * for (const table of (await status(runtime)).tables) for (const column of table.columns) console.log(column.name, column.pending)
 */
export async function status(runtime: Runtime, options: StatusOptions = {}): Promise<DatabaseStatus> {
  const { database } = runtime
  const there = await existingTables(database)
  const models = (await readTables(database, runtime.schemaName)).filter((model) => there.has(model.id))
  const workers = await liveWorkers(runtime)
  const declarations = await readWaitingDeclarations(database)
  const tables: TableStatus[] = []
  for (const model of models) tables.push(await tableStatus(runtime, model, options.exactUpTo ?? defaultExactUpTo))
  return {
    tables,
    workers: workers.map(workerStatus),
    unserved: models.flatMap((model) => unservedColumns(model, workers)),
    declarations: declarations.flatMap(({ tableId, columnIds, startedAt, holders }) => {
      const model = models.find(({ id }) => id === tableId)
      return model
        ? [
            {
              table: model.name,
              columns: columnIds.flatMap((id) => model.cells.find((column) => column.id === id)?.name ?? []),
              since: startedAt,
              waitsFor: holders,
            },
          ]
        : []
    }),
  }
}

async function tableStatus(runtime: Runtime, model: TableModel, exactUpTo: number): Promise<TableStatus> {
  const { database } = runtime
  const estimate = await estimateRows(database, model)
  const columns = model.cells
  const states = await readColumnStates(database, model, columns, estimate.rows, exactUpTo)
  const backfills = await readBackfills(database, model, 'open')
  const exact = estimate.rows <= exactUpTo
  const first = states[0]
  const counted = first ? first.ok + first.pending + first.stale + first.error + first.failed + first.blocked + first.skipped : estimate.rows
  const reports = columns.map(async (column): Promise<ColumnStatus> => {
    const own = states.find((entry) => entry.columnId === column.id)!
    const backfill = backfills.find((record) => record.columnId === column.id)
    return {
      ...countsOf(own),
      name: column.kind === 'expansion' ? visibleName(column) : column.name,
      pool: column.pool,
      version: column.version,
      etaMs: etaOf(own),
      backfill: backfill ? progressOf(backfill, estimate.rows) : null,
      paused: column.state === 'paused' ? await pauseReason(runtime, column) : null,
      pendingCode: column.options['pendingCode'] === true,
    }
  })
  const all: ColumnStatus[] = []
  for (const report of reports) all.push(await report)
  return { name: model.name, rows: exact ? counted : estimate.rows, estimated: !exact || (!first && !estimate.exact), columns: all }
}

function countsOf({ columnId: _, ...counts }: ColumnStates): Omit<ColumnStates, 'columnId'> {
  return counts
}

function etaOf({ pending, stale, perSecond }: ColumnStates): number | null {
  const left = pending + stale
  if (left === 0) return 0
  return perSecond > 0 ? (left / perSecond) * 1000 : null
}

async function pauseReason(runtime: Runtime, column: CellColumn): Promise<string> {
  const { onError } = column.options
  if (typeof onError === 'object') {
    const { failures, cells } = await countFailures(runtime.database, column)
    const { after, above } = onError.stop
    if ((after !== undefined && failures >= after) || (above !== undefined && failures / Math.max(cells, 1) > above))
      return `stopped by onError: ${failures} of ${cells} cells failed`
  }
  return 'paused by a person'
}

function unservedColumns(model: TableModel, workers: readonly WorkerRow[]): readonly UnservedColumn[] {
  return model.cells
    .filter((column) => column.state !== 'paused')
    .flatMap((column) => {
      const reason = noWorkerReason(workers, column)
      return reason ? [{ table: model.name, column: column.kind === 'expansion' ? visibleName(column) : column.name, ...reason }] : []
    })
}

function workerStatus({ id, host, pid, pools, startedAt, seenAt, asleep, leases }: WorkerRow): WorkerStatus {
  return { id, host, pid, pools, startedAt, seenAt, asleep, tasks: leases }
}

import { activeCells, type CellColumn, type CellError, isHistoryColumn, type LoadPlan, planLoad, type TableModel } from '@vivant/storage'
import type { ChunkContext } from '../engine-context.ts'
import { canRun } from '../worker/catalog-cache.ts'
import { prepareChunk } from './process-chunk.ts'

/** What becomes of cells that are made with their rows, in the transaction that inserts them. */
export interface InsertedOutcome {
  /** False: the schema moved on; nothing was written. */
  readonly accepted: boolean
  /** The first cell that is neither `ok` nor `skipped`. */
  readonly failure: { readonly column: string; readonly row: number; readonly status: string; readonly error: CellError | null } | null
}

/** Stands for the pools of all columns that run here, so that they are settled together, inputs first. */
const ownPool = 'vivant.atomic'

/**
 * Computes the cells of rows that the caller has just inserted, and whose transaction `context` is: every column whose code is here. No
 * task is taken or made but those of columns elsewhere that read them: the triggers' own tasks stay, and find nothing to do. What a row's group
 * decides is not computed with it: other rows of the group may come in the same moment.
 */
export async function settleInserted(context: ChunkContext, model: TableModel, ids: readonly number[], signal: AbortSignal): Promise<InsertedOutcome> {
  const own = new Set(
    activeCells(model)
      .filter((column) => column.kind !== 'expansion' && !isHistoryColumn(column) && canRun(context.functions, column))
      .map((column) => column.id),
  )
  if (own.size === 0 || ids.length === 0) return { accepted: true, failure: null }
  const together: TableModel = { ...model, cells: model.cells.map((column): CellColumn => (own.has(column.id) ? { ...column, pool: ownPool } : column)) }
  const plan: LoadPlan = planLoad(together, ownPool)
  const chunk = await prepareChunk(context, {
    model: together,
    plan,
    pool: ownPool,
    tasks: [],
    ids,
    forced: new Set(),
    since: 0,
    sinces: null,
    // nothing is put back and no task ends here
    final: false,
    putBack: [],
    insertTasks: [],
    signal,
  })
  await chunk.evaluate()
  const { accepted } = await chunk.finish()
  for (const column of activeCells(together, ownPool)) {
    const result = chunk.state.results.get(column.id)
    const row = result?.status.findIndex((status, index) => result.write[index] === 1 && status !== 'ok' && status !== 'skipped') ?? -1
    if (!result || row === -1) continue
    return { accepted, failure: { column: column.name, row, status: String(result.status[row]), error: result.infos?.[row]?.error ?? null } }
  }
  return { accepted, failure: null }
}

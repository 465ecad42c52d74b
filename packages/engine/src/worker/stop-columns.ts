import { cellById, countFailures, pauseColumn, type TableModel } from '@vivant/storage'
import type { EngineContext } from '../engine-context.ts'

/** Below this many cells a share of failures says nothing. */
const leastCells = 20

/** `onError: { stop }`: a column that fails too often is paused; its backfill record covers what is left. */
export async function stopColumns({ database, log }: EngineContext, model: TableModel, failed: ReadonlySet<number>): Promise<void> {
  for (const id of failed) {
    const column = cellById(model, id)
    const { onError } = column.options
    if (typeof onError !== 'object') continue
    const { failures, cells } = await countFailures(database, column)
    const { after, above } = onError.stop
    const stop = (after !== undefined && failures >= after) || (above !== undefined && cells >= leastCells && failures / cells > above)
    if (!stop) continue
    await pauseColumn(database, model, column)
    log.error(`Column "${model.name}.${column.name}" is paused: ${failures} of its ${cells} cells failed.`, {
      table: model.name,
      column: column.name,
      failures,
      cells,
    })
  }
}

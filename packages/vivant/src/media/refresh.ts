import { isMediaType, nearestName, VivantError } from '@vivant/core'
import { mediaColumnName, mediaReferences, type StoredColumn, type TableModel } from '@vivant/storage'
import { countRun } from '../observe/count-run.ts'
import { recompute, type RecomputeOptions } from '../observe/recompute.ts'
import type { RunResult } from '../observe/run-result.ts'
import type { Runtime } from '../runtime/runtime.ts'

/**
 * Looks again at what the references of a media column lead to: URLs, files and objects that were stored as references. What has not changed
 * (by its ETag or the time of its last change, else by its bytes) disturbs nothing; where bytes differ, what reads them is computed again.
 *
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND; waiting: TIMEOUT, NO_WORKER, ABORTED (the work goes on)
 * @example await refresh(runtime, 'videos', 'video', { where: [1, 2] })
 */
export async function refresh(runtime: Runtime, table: string, name: string, options: RecomputeOptions = {}): Promise<RunResult> {
  const startedAt = performance.now()
  const model = await runtime.freshModel(table)
  const column = mediaColumn(model, name)
  const resolved = mediaColumnName(name)
  // Nobody reads them by content, so nothing was kept: they are fetched whenever they are read.
  if (!model.cells.some((cell) => cell.name === resolved)) return countRun(runtime.database, [], startedAt)
  return recompute(runtime, table, resolved, { ...options, where: options.where ?? ((work) => work(mediaReferences(model, column))) })
}

function mediaColumn(model: TableModel, name: string): StoredColumn {
  const columns = model.stored.filter(({ type }) => isMediaType(type))
  const column = columns.find((stored) => stored.name === name)
  if (column) return column
  const names = columns.map((stored) => stored.name)
  const nearest = nearestName(name, names)
  throw new VivantError(
    'COLUMN_NOT_FOUND',
    `"${model.name}" has no media column "${name}"${nearest ? `; did you mean "${nearest}"?` : names.length ? `; there is ${names.join(', ')}` : ' that users write'}`,
    { details: { table: model.name, column: name } },
  )
}

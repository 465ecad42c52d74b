import { VivantError } from '@vivant/core'
import { drawSince, readIdBounds, recomputeColumn, recomputeRows, type Statement } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { countRun } from './count-run.ts'
import { cellColumn, checkIds } from './find-column.ts'
import { openWorkLook } from './open-work-look.ts'
import type { RunResult } from './run-result.ts'
import { waitUntilNone, type WaitOptions } from './wait-loop.ts'

/** Runs `work` with a statement whose one column is the ids of rows. */
export type IdQuery = (work: (ids: Statement) => Promise<unknown>) => Promise<unknown>

export interface RecomputeOptions extends WaitOptions {
  /** Ids of the rows, or what runs a call with a query for them (default: all). */
  readonly where?: readonly number[] | IdQuery
  /** `false` returns when the work is recorded, without waiting for it (default true). */
  readonly wait?: boolean
}

/**
 * Computes a column anew, although its inputs and its code are the same: of some rows, or of all (a new version of the
 * column; the old values are served as stale meanwhile). What reads it follows where values differ. A column whose code
 * changed under the policy `manual` takes its new code here.
 *
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND; waiting: TIMEOUT, NO_WORKER, ABORTED (the work goes on)
 * @example
 * const { ran, failed } = await recompute(runtime, 'videos', 'thumb', { where: [1, 2] })
 */
export async function recompute(runtime: Runtime, table: string, name: string, options: RecomputeOptions = {}): Promise<RunResult> {
  const startedAt = performance.now()
  const { database } = runtime
  const model = await runtime.freshModel(table)
  const column = cellColumn(model, name)
  if (column.state === 'paused')
    throw new VivantError('CONFIGURATION_INVALID', `"${table}.${name}" is paused: resume it first.`, { details: { table, column: name } })
  const before = await drawSince(database)
  const { where } = options
  if (typeof where === 'function') await where((ids) => recomputeRows(database, model, column, ids))
  else if (where) await recomputeRows(database, model, column, checkIds(where))
  else await recomputeColumn(database, model, column)
  runtime.forgetModels()
  runtime.wake()
  const { since } = await drawSince(database)
  const counted = async (): Promise<RunResult> => {
    const now = await runtime.freshModel(table)
    return countRun(database, [{ model: now, columns: now.cells, range: { after: before.now } }], startedAt)
  }
  if (options.wait === false) return counted()
  const look = openWorkLook(runtime, { since, tableIds: [model.id], bounds: await readIdBounds(database, [model]) })
  await waitUntilNone(look, options, async () => {
    return new VivantError(
      'TIMEOUT',
      `After ${options.timeoutMs} ms "${table}.${name}" is not wholly computed again. The work goes on; the result so far is in details.result.`,
      {
        details: { table, column: name, result: await counted() },
      },
    )
  })
  return counted()
}

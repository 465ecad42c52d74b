import { retryFailures } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { cellColumn, checkIds } from './find-column.ts'

export interface RetryOptions {
  /** Of this computed column alone (default: every column of the table). */
  readonly column?: string
  /** Of these rows alone. */
  readonly ids?: readonly number[]
}

export interface RetryResult {
  /** Failed cells that will be run again. */
  readonly count: number
}

/**
 * Runs failed cells again, although their inputs are the same: once the cause is gone. It returns when that is recorded;
 * `settled` waits for it. What was blocked by them follows.
 *
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND
 * @example
 * await retry(runtime, 'videos', { column: 'thumb' })
 */
export async function retry(runtime: Runtime, table: string, options: RetryOptions = {}): Promise<RetryResult> {
  const model = await runtime.model(table)
  const ids = options.ids ? checkIds(options.ids) : null
  const columns = options.column === undefined ? model.cells : [cellColumn(model, options.column)]
  let count = 0
  for (const column of columns) count += (await retryFailures(runtime.database, model, column, ids)).count
  runtime.wake()
  return { count }
}

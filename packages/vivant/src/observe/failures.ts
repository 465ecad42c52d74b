import { VivantError } from '@vivant/core'
import { readFailures } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { visibleName } from './count-run.ts'
import { cellColumn } from './find-column.ts'

export interface FailuresOptions {
  /** Of this computed column alone. */
  readonly column?: string
  /** The newest so many (default 100). */
  readonly limit?: number
}

/** A cell whose function failed for good. */
export interface CellFailure {
  readonly id: number
  readonly column: string
  readonly code: string
  readonly message: string
  readonly stack: string | null
  /** Runs of the function with these inputs. */
  readonly attempts: number
  readonly at: Date
}

/**
 * Cells that failed for good, the newest first. Cells that will be tried again, or that are blocked by another, are not among
 * them.
 *
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND
 * @example
 * for (const { id, message } of await failures(runtime, 'videos', { column: 'thumb' })) console.log(id, message)
 */
export async function failures(runtime: Runtime, table: string, options: FailuresOptions = {}): Promise<readonly CellFailure[]> {
  const { limit = 100 } = options
  if (!Number.isInteger(limit) || limit < 1) throw new VivantError('CONFIGURATION_INVALID', `limit is ${limit}; a whole number from 1 on is needed.`)
  const model = await runtime.model(table)
  const columns = options.column === undefined ? model.cells : [cellColumn(model, options.column)]
  const rows = await readFailures(runtime.database, columns, limit)
  return rows.map(({ id, columnId, error, attempts, at }) => ({
    id,
    column: visibleName(columns.find((column) => column.id === columnId)!),
    code: error?.code ?? 'FUNCTION_FAILED',
    message: error?.message ?? '',
    stack: error?.stack ?? null,
    attempts,
    at,
  }))
}

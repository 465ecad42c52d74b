import { lockErrors } from '../declare/retry-on-lock.ts'

/** What could not be done for one table; it is tried again the next time. */
export interface UpkeepFailure {
  readonly tableId: number
  readonly error: Error
}

/** Does something for each table: one that fails does not keep the others from it, and what somebody has locked is left for the next time. */
export async function forEachTable<T extends { readonly tableId: number }>(
  tables: readonly T[],
  work: (table: T) => Promise<void>,
): Promise<readonly UpkeepFailure[]> {
  const failures: UpkeepFailure[] = []
  for (const table of tables)
    try {
      await work(table)
    } catch (error) {
      const { code = '' } = error as { readonly code?: string }
      if (isConnectionError(code)) throw error
      if (!lockErrors.has(code) && code !== 'DECLARATION_WAITS') failures.push({ tableId: table.tableId, error: error as Error })
    }
  return failures
}

/** The database is away, or closed: that is not the table's. */
function isConnectionError(code: string): boolean {
  return code.startsWith('08') || code.startsWith('57P') || code.startsWith('ECONN') || ['EPIPE', 'CLOSED', 'DATABASE_UNREACHABLE'].includes(code)
}

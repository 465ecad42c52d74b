import type { CellColumn } from '../catalog/table-model.ts'
import type { CellError } from '../cells/cell-status.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'

export interface FailureRow {
  readonly id: number
  readonly columnId: number
  readonly error: CellError | null
  /** Runs so far with these inputs. */
  readonly attempts: number
  readonly at: Date
}

/** Cells that failed for good, the newest first. */
export async function readFailures(client: SqlClient, columns: readonly CellColumn[], limit: number): Promise<readonly FailureRow[]> {
  if (!columns.length) return []
  const parts = columns.map(
    (column) => `(select _id, ${column.id} as column_id, info->'error' as error, attempts, computed_at from vivant_data.${quoteName(column.cellTable)}
where status = 'failed' order by computed_at desc, _id limit $1)`,
  )
  const { rows } = await client.queryArrays({
    text: `select * from (\n${parts.join('\nunion all\n')}\n) f order by computed_at desc, column_id, _id limit $1`,
    values: [limit],
  })
  return rows.map(([id, columnId, error, attempts, at]) => ({
    id: Number(id),
    columnId: Number(columnId),
    error: error as CellError | null,
    attempts: Number(attempts) + 1,
    at: at as Date,
  }))
}

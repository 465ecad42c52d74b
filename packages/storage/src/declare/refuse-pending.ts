import { VivantError } from '@vivant/core'
import type { TableModel } from '../catalog/table-model.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'

/**
 * Throws DECLARATION_WAITS while a replacement of columns (any, or these) is still to be published: it would be published over what is
 * changed now. Under the lock of the table.
 */
export async function refusePending(tx: SqlTransaction, model: TableModel, columnIds: readonly number[] | null): Promise<void> {
  const { rows } = await tx.query<{ name: string }>({
    text: `select r->'declaration'->>'name' as name from vivant.operation o, jsonb_array_elements(o.detail->'replaced') r
where o.table_id = $1 and o.kind = 'publish' and o.ended_at is null and ($2::int[] is null or (r->>'columnId')::int = any($2::int[]))`,
    values: [model.id, columnIds],
  })
  const waiting = rows[0]?.name
  if (waiting === undefined) return
  throw new VivantError('DECLARATION_WAITS', `An earlier replacement of "${model.name}.${waiting}" waits for transactions to end: declare again after it.`, {
    details: { table: model.name, column: waiting },
  })
}

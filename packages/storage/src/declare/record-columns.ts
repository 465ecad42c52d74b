import type { Database } from '../connection/database.ts'
import type { ColumnDeclaration } from './column-declaration.ts'
import { bumpSchemaVersion, lockTable } from './lock-table.ts'
import { refusePending } from './refuse-pending.ts'
import { lockTimeoutMs, retryOnLock } from './retry-on-lock.ts'

/**
 * Takes over the code and the options of columns without a new version: cells that stand stay current, new ones are computed by the new
 * code. The inputs must be those that the columns have.
 */
export async function recordColumns(
  database: Database,
  tableId: number,
  changes: readonly { readonly columnId: number; readonly declaration: ColumnDeclaration }[],
  timeoutMs: number,
): Promise<void> {
  await retryOnLock(`Recording ${changes.map(({ declaration }) => declaration.name).join(', ')}`, timeoutMs, () =>
    database.transaction(
      async (tx) => {
        const model = await lockTable(tx, tableId)
        await refusePending(
          tx,
          model,
          changes.map(({ columnId }) => columnId),
        )
        for (const { columnId, declaration } of changes)
          await tx.query({
            text: `update vivant."column" set nullable = $2, expression = $3, condition = $4, code_hash = $5::text,
  code_hashes = case when $5::text is null then code_hashes else array_append(array_remove(code_hashes, $5::text), $5::text) end, options = $6
where id = $1`,
            values: [
              columnId,
              declaration.nullable,
              JSON.stringify(declaration.expression),
              declaration.condition ? JSON.stringify(declaration.condition) : null,
              declaration.codeHash,
              JSON.stringify(declaration.options),
            ],
          })
        await bumpSchemaVersion(tx, tableId)
        await tx.query('select vivant.wake()')
      },
      { lockTimeoutMs },
    ),
  )
}

import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { orderIndexName } from '../groups/build-order-indexes.ts'
import { quoteName } from '../ddl/quote.ts'

/** Short: who waits for a lock has every later reader of the table behind it. */
const lockTimeoutMs = 100

/**
 * Notes down tables of `vivant_data` that nothing refers to any more. DROP waits for readers, so they go in transactions of their own
 * (`dropCells`), after the one that let go of them.
 */
export async function dropCellsLater(tx: SqlTransaction, tableId: number, tables: readonly string[]): Promise<void> {
  if (tables.length === 0) return
  await tx.query({ text: `insert into vivant.operation (table_id, kind, detail) values ($1, 'drop_cells', $2)`, values: [tableId, JSON.stringify({ tables })] })
}

/** Drops the noted tables that nobody reads at the moment; those that somebody reads stay noted. */
export async function dropCells(database: Database): Promise<void> {
  const { rows } = await database.query<{ id: number; detail: { readonly tables: readonly string[] } }>(
    `select id, detail from vivant.operation where kind = 'drop_cells' and ended_at is null order by id`,
  )
  for (const { id, detail } of rows)
    try {
      await database.transaction(
        async (tx) => {
          for (const table of detail.tables) {
            await tx.query(`drop table if exists vivant_data.${quoteName(table)}`)
            await dropOrderIndex(tx, table)
          }
          await tx.query({ text: 'update vivant.operation set ended_at = now() where id = $1', values: [id] })
        },
        { lockTimeoutMs },
      )
    } catch (error) {
      if (!['55P03', '40P01'].includes((error as { code?: string }).code ?? '')) throw error
    }
}

/** The index on the user's table that goes with a column's cells. */
async function dropOrderIndex(tx: SqlTransaction, cellTable: string): Promise<void> {
  const { rows } = await tx.query<{ index: string }>({
    text: `select c.oid::regclass::text as index from pg_class c where c.relname = $1 and c.relkind in ('i', 'I')`,
    values: [orderIndexName(cellTable)],
  })
  for (const { index } of rows) await tx.query(`drop index if exists ${index}`)
}

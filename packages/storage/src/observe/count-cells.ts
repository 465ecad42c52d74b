import type { Database } from '../connection/database.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import type { CellColumn } from '../catalog/table-model.ts'
import type { CellStatus } from '../cells/cell-status.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'

export interface CellCount {
  readonly columnId: number
  readonly status: CellStatus
  /** The value came from the memo. */
  readonly memo: boolean
  readonly count: number
}

export interface CountedCells {
  readonly counts: readonly CellCount[]
  /** Sums of what the functions said they used, by name. */
  readonly usage: Readonly<Record<string, number>>
}

/** Which cells: those computed after a moment of the database's clock, or those of some rows. */
export type CountedRange = { readonly after: string } | { readonly ids: readonly number[] }

/** Cells by status. */
export async function countCells(database: Database, columns: readonly CellColumn[], range: CountedRange): Promise<CountedCells> {
  if (!columns.length) return { counts: [], usage: {} }
  if (!('after' in range)) return countInRange(database, columns, range)
  return database.transaction(async (tx) => {
    // without statistics the planner takes a third of the cells for new, and scans them all
    await tx.query('set local enable_seqscan = off')
    return countInRange(tx, columns, range)
  })
}

async function countInRange(client: SqlClient, columns: readonly CellColumn[], range: CountedRange): Promise<CountedCells> {
  const [condition, value] = 'after' in range ? ['computed_at > $1::text::timestamptz', range.after] : ['_id = any($1::bigint[])', `{${range.ids.join(',')}}`]
  const parts = columns.map(
    (column) => `select ${column.id}, status, coalesce(info->>'memo' = 'true', false), count(*), coalesce(bool_or(info ? 'usage'), false)
from vivant_data.${quoteName(column.cellTable)} where ${condition} group by 2, 3`,
  )
  const { rows } = await client.queryArrays({ text: parts.join('\nunion all\n'), values: [value] })
  const counts = rows.map((row) => ({ columnId: Number(row[0]), status: row[1] as CellStatus, memo: row[2] === true, count: Number(row[3]) }))
  const used = columns.filter((column) => rows.some((row) => Number(row[0]) === column.id && row[4] === true))
  return { counts, usage: used.length ? await sumUsage(client, used, condition, value) : {} }
}

async function sumUsage(client: SqlClient, columns: readonly CellColumn[], condition: string, value: unknown): Promise<Readonly<Record<string, number>>> {
  const parts = columns.map(
    (column) =>
      `select u.key, u.value from vivant_data.${quoteName(column.cellTable)}, jsonb_each(info->${quoteText('usage')}) u where ${condition} and jsonb_typeof(u.value) = 'number'`,
  )
  const { rows } = await client.queryArrays({
    text: `select key, sum(value::float8) from (${parts.join('\nunion all\n')}) u group by key order by key`,
    values: [value],
  })
  return Object.fromEntries(rows.map(([key, sum]) => [key as string, Number(sum)]))
}

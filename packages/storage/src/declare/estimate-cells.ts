import type { CellColumn, TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { quoteName } from '../ddl/quote.ts'

export interface CellEstimate {
  /** Rows of the table: counted where there are few, PostgreSQL's estimate where there are many. */
  readonly cells: number
  /** Of the cells that stand; null when there are none. */
  readonly meanMicros: number | null
}

const countedBelow = 100_000
const sampledCells = 1000

/** What computing a column anew comes to. Null for a column that is not there yet. */
export async function estimateCells(database: Database, model: TableModel, column: CellColumn | null): Promise<CellEstimate> {
  const table = quoteName(model.schemaName, model.name)
  const estimated = await database.query<{ rows: number }>({ text: 'select reltuples::float8 as rows from pg_class where oid = $1::regclass', values: [table] })
  const isLarge = estimated.rows[0]!.rows >= countedBelow
  const counted = isLarge ? estimated : await database.query<{ rows: number }>(`select count(*)::float8 as rows from ${table}`)
  return { cells: Math.round(counted.rows[0]!.rows), meanMicros: column ? await meanMicros(database, column) : null }
}

async function meanMicros(database: Database, column: CellColumn): Promise<number | null> {
  const { rows } = await database.query<{ mean: number | null }>(
    `select avg(micros)::float8 as mean from (select micros from vivant_data.${quoteName(column.cellTable)} where micros is not null limit ${sampledCells}) sample`,
  )
  return rows[0]!.mean
}

import type { CellColumn, TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { cellAlias, cellRowId, settledCondition, upstream } from '../ddl/live-view.ts'
import { quoteName } from '../ddl/quote.ts'

/** How many cells of a column are in each state; they add up to the table's rows. */
export interface ColumnStates {
  readonly columnId: number
  readonly ok: number
  readonly pending: number
  readonly stale: number
  readonly error: number
  readonly failed: number
  readonly blocked: number
  readonly skipped: number
  /** Cells of the last minute per second. */
  readonly perSecond: number
}

const sampleRows = 20_000
const states = ['ok', 'pending', 'stale', 'error', 'failed', 'blocked', 'skipped'] as const

/** Counted row by row in a small table, from a sample of pages in a large one. */
export async function readColumnStates(
  client: SqlClient,
  model: TableModel,
  columns: readonly CellColumn[],
  estimatedRows: number,
  exactUpTo: number,
): Promise<readonly ColumnStates[]> {
  if (!columns.length) return []
  const percent = estimatedRows > exactUpTo ? (sampleRows / estimatedRows) * 100 : 100
  const state = (column: CellColumn): string => {
    const alias = cellAlias(column)
    return `case when ${alias}.status is null then 'pending' when not coalesce(${settledCondition(model, column)}, false) then 'stale' else ${alias}.status end as s${column.id}, ${alias}.computed_at as a${column.id}`
  }
  const counts = columns.flatMap(({ id }) => [
    ...states.map((name) => `count(*) filter (where s${id} = '${name}')`),
    `count(*) filter (where a${id} > now() - interval '1 minute')`,
    `extract(epoch from clock_timestamp() - min(a${id}) filter (where a${id} > now() - interval '1 minute'))::float8`,
  ])
  const { rows } = await client.queryArrays({
    text: `select count(*), ${counts.join(', ')}
from (
  select ${columns.map(state).join(',\n    ')}
  from ${quoteName(model.schemaName, model.name)} t${percent < 100 ? ` tablesample system (${percent.toFixed(6)})` : ''}
  ${[...new Set(model.cells.flatMap((cell) => upstream(model, cell)))].map((cell) => `left join vivant_data.${quoteName(cell.cellTable)} ${cellAlias(cell)} on ${cellAlias(cell)}._id = ${cellRowId(model, cell)}`).join('\n  ')}
) r`,
  })
  const [sampled, ...values] = rows[0]!.map(Number) as [number, ...number[]]
  const scale = percent < 100 && sampled > 0 ? estimatedRows / sampled : 1
  return columns.map((column, index) => {
    const own = values.slice(index * 9, index * 9 + 9)
    const [ok, pending, stale, error, failed, blocked, skipped] = own.map((value) => Math.round(value * scale)) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const [recent, seconds] = [own[7]! * scale, own[8]!]
    return { columnId: column.id, ok, pending, stale, error, failed, blocked, skipped, perSecond: recent > 0 ? recent / Math.max(seconds, 0.1) : 0 }
  })
}

import type { DataType } from '@vivant/core'
import { cellById, type CellColumn, type TableModel } from '../catalog/table-model.ts'
import type { CellInfo, CellStatus } from '../cells/cell-status.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { awaitsFanOut, cellAlias, cellRowId, currentCondition, settledCondition, upstream } from '../ddl/live-view.ts'
import { groupSql, isHistoryColumn } from '../groups/position.ts'
import { quoteName } from '../ddl/quote.ts'
import { decodeValue } from '../value/decode-value.ts'

/** Everything that is known of one cell. */
export interface CellRow {
  readonly status: CellStatus | null
  /** Made from its inputs as they are, by the column's version. */
  readonly current: boolean
  /** So is everything that it reads, through all levels. */
  readonly settled: boolean
  readonly value: unknown
  readonly version: number | null
  readonly attempts: number
  readonly micros: number | null
  readonly computedAt: Date | null
  readonly info: CellInfo | null
  readonly inputs: readonly CellInput[]
  /** The worker that holds a task for this cell. */
  readonly heldBy: string | null
  /** A task or an open backfill will look at it. */
  readonly covered: boolean
}

export interface CellInput {
  readonly column: string
  /** Null: a stored column, or a cell that is not there. */
  readonly status: CellStatus | null
  readonly stored: boolean
  readonly current: boolean
  readonly value: unknown
}

/** Reads a cell with its inputs; null when the row is not there. */
export async function readCell(client: SqlClient, model: TableModel, column: CellColumn, id: number): Promise<CellRow | null> {
  const stored = model.stored.filter((entry) => column.storedInputs.includes(entry.attnum))
  const inputs = column.cellInputs.map((input) => cellById(model, input))
  const own = cellAlias(column)
  const select = [
    ...['status', 'value', 'version', 'attempts', 'micros', 'computed_at', 'info'].map((name) => `${own}.${name}`),
    `coalesce(${currentCondition(model, column)}, false)`,
    `coalesce(${settledCondition(model, column)}, false)`,
    `(select owner from vivant.task k where ${coversCell(model, column)} and owner is not null limit 1)`,
    `exists (select from vivant.task k where ${coversCell(model, column)}) or ${awaitsFanOut(model)} or exists (select from vivant.backfill b where b.column_id = ${column.id} and b.state in ('running', 'paused') and b.swept < $1 and (b.upper_bound is null or b.upper_bound >= $1))`,
    ...inputs.flatMap((input) => [`${cellAlias(input)}.status`, `coalesce(${settledCondition(model, input)}, false)`, `${cellAlias(input)}.value`]),
    ...stored.map((entry) => `t.${quoteName(entry.name)}`),
  ]
  const { rows } = await client.queryArrays({
    text: `select ${select.join(',\n  ')}
from ${quoteName(model.schemaName, model.name)} t
${upstream(model, column)
  .map(
    (entry) =>
      `left join lateral (select * from vivant_data.${quoteName(entry.cellTable)} where _id = ${cellRowId(model, entry)} limit 1) ${cellAlias(entry)} on true`,
  )
  .join('\n')}
where t.${quoteName(model.idColumn)} = $1::bigint`,
    values: [id],
  })
  const row = rows[0]
  if (!row) return null
  const [status, value, version, attempts, micros, computedAt, info, current, settled, heldBy, covered, ...rest] = row
  const cellInputs = inputs.map((input, index) => ({
    column: input.name,
    status: rest[index * 3] as CellStatus | null,
    stored: false,
    current: rest[index * 3 + 1] === true,
    value: readable(input.type, rest[index * 3 + 2]),
  }))
  const storedInputs = stored.map((entry, index) => ({
    column: entry.name,
    status: null,
    stored: true,
    current: true,
    value: readable(entry.type, rest[inputs.length * 3 + index]),
  }))
  return {
    status: status as CellStatus | null,
    current: current === true,
    settled: settled === true,
    value: readable(column.type, value),
    version: version === null ? null : Number(version),
    attempts: attempts === null ? 0 : Number(attempts) + 1,
    micros: micros === null ? null : Number(micros),
    computedAt: computedAt as Date | null,
    info: info as CellInfo | null,
    inputs: [...storedInputs, ...cellInputs],
    heldBy: heldBy as string | null,
    covered: covered === true,
  }
}

/** What its type cannot hold is shown as the driver gave it: the report is of use just where the cell failed by it. */
function readable(type: DataType, value: unknown): unknown {
  try {
    return decodeValue(type, value)
  } catch {
    return value
  }
}

function coversCell(model: TableModel, column: CellColumn): string {
  // a task of groups names those, not rows
  const task = isHistoryColumn(column)
    ? `case k.kind when 'group' then ${groupSql(model, column.history, 't')} else $1::bigint end = any(k.ids)`
    : `k.kind <> 'group' and $1 = any(k.ids)`
  return `k.table_id = ${model.id} and k.kind <> 'sweep' and (k.columns is null or ${column.id} = any(k.columns)) and ${task}`
}

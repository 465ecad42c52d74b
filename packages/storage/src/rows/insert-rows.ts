import { VivantError } from '@vivant/core'
import type { TableModel } from '../catalog/table-model.ts'
import { hashName } from '../connection/hash-name.ts'
import { Parameters } from '../connection/parameters.ts'
import type { SqlClient, Statement } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import { batchType } from '../value/batch-type.ts'
import { encodeArray } from '../value/encode-value.ts'
import type { RowBatch } from './row-batch.ts'

export type WrittenTable = Pick<TableModel, 'schemaName' | 'name' | 'idColumn'>

export interface InsertRequest {
  /** Give the rows' ids, in the order of the batch. */
  readonly returnIds: boolean
  /** Let the server keep the plan: not on a connection of the user's own, which may go through a pooler. */
  readonly prepared: boolean
}

/** Inserts a batch in one statement: a list per column, turned into rows by `unnest`. Gives the ids, or none when they are not asked for. */
export async function insertBatch(client: SqlClient, table: WrittenTable, batch: RowBatch, request: InsertRequest): Promise<readonly number[]> {
  const { rows, rowCount } = await client.queryArrays(insertStatement(table, batch, request))
  if (!request.returnIds) return []
  if (rowCount !== batch.rowCount) throw suppressedRows(table, batch.rowCount, rowCount)
  return rows.map((row) => Number(row[0]))
}

export interface UpsertRequest {
  readonly on: readonly string[]
  readonly prepared: boolean
}

/** Inserts a batch; a row whose key stands already updates what stands, in the columns of the batch. Gives the ids in the order of the batch. */
export async function upsertBatch(client: SqlClient, table: WrittenTable, batch: RowBatch, request: UpsertRequest): Promise<readonly number[]> {
  const { rows, rowCount } = await client.queryArrays(upsertStatement(table, batch, request))
  if (rowCount !== batch.rowCount) throw suppressedRows(table, batch.rowCount, rowCount)
  return rows.map((row) => Number(row[0]))
}

/** The statement, for `insertBatch` and for tests of its text. */
export function insertStatement(table: WrittenTable, batch: RowBatch, { returnIds, prepared }: InsertRequest): Statement {
  const { text, values } = insertSelect(table, batch)
  return named(`${text}${returnIds ? `\nreturning ${quoteName(table.idColumn)}` : ''}`, values, prepared)
}

/** The statement, for `upsertBatch` and for tests of its text. */
export function upsertStatement(table: WrittenTable, batch: RowBatch, { on, prepared }: UpsertRequest): Statement {
  const { text, values } = insertSelect(table, batch)
  const others = batch.columns.filter((column) => !on.includes(column.name))
  // with nothing else to write the key is written over itself: `do nothing` would give no id
  const written = (others.length ? others.map((column) => column.name) : on).map((name) => `${quoteName(name)} = excluded.${quoteName(name)}`)
  const target = on.map((name) => quoteName(name)).join(', ')
  return named(`${text}\non conflict (${target}) do update set ${written.join(', ')}\nreturning ${quoteName(table.idColumn)}`, values, prepared)
}

/** Ids are drawn, and returned, in the order of the rows. */
function insertSelect(table: WrittenTable, batch: RowBatch): { text: string; values: readonly unknown[] } {
  const parameters = new Parameters()
  const name = quoteName(table.schemaName, table.name)
  if (!batch.columns.length)
    return { text: `insert into ${name}\nselect from generate_series(1, ${parameters.add(batch.rowCount, 'int')})`, values: parameters.values }
  const columns = batch.columns.map(({ type, values, ...column }, index) => {
    const { element, cast } = batchType(type)
    const alias = `c${index}`
    return {
      name: quoteName(column.name),
      alias,
      list: parameters.add(encodeArray(type, values), `${element}[]`),
      value: cast ? `i.${alias}::${cast}` : `i.${alias}`,
    }
  })
  const list = (part: (column: (typeof columns)[number]) => string): string => columns.map(part).join(', ')
  return {
    text: `insert into ${name} (${list((column) => column.name)})
select ${list((column) => column.value)}
from unnest(${list((column) => column.list)}) with ordinality as i(${list((column) => column.alias)}, n)
order by i.n`,
    values: parameters.values,
  }
}

function named(text: string, values: readonly unknown[], prepared: boolean): Statement {
  return { text, values, ...(prepared ? { name: `write_${hashName(text)}` } : {}) }
}

function suppressedRows(table: WrittenTable, wanted: number, written: number): VivantError {
  return new VivantError(
    'DATABASE_ERROR',
    `Of ${wanted} rows for "${table.name}" ${written} were written: a trigger of the table’s own left some out, so ids cannot be told. Nothing was stored; insert with { ids: false } if that is meant.`,
    { details: { table: table.name, wanted, written } },
  )
}

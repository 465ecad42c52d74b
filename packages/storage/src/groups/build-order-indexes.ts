import { readTables } from '../catalog/read-catalog.ts'
import type { TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { quoteName } from '../ddl/quote.ts'
import { groupSql, type HistoryColumn, historyColumns, positionSql } from './position.ts'

/** Fewer rows are read one by one in about a millisecond. */
const threshold = 1000
const lockSpace = 7666

/** The index on the user's table by which the rows of a group are found in order; it goes with the column. */
export function orderIndexName(cellTable: string): string {
  return `vivant_${cellTable}_order`
}

/**
 * Builds the indexes that history columns of larger tables lack: without one, every look at a group reads the whole table. On a server beside
 * writers. Several processes may call it at once: one of them builds. Gives the names of what was built.
 */
export async function buildOrderIndexes(database: Database, signal?: AbortSignal): Promise<readonly string[]> {
  const built: string[] = []
  for (const model of await readTables(database))
    for (const column of historyColumns(model)) {
      if (signal?.aborted) return built
      if ((await isDue(database, model, column)) && (await build(database, model, column))) built.push(orderIndexName(column.cellTable))
    }
  return built
}

async function isDue(database: Database, model: TableModel, { cellTable }: HistoryColumn): Promise<boolean> {
  const { rows } = await database.query<{ due: boolean }>({
    text: `select not exists (select from pg_index where indexrelid = to_regclass($1) and indisvalid)
  and (select count(*) from (select from ${quoteName(model.schemaName, model.name)} limit $2) few) >= $2 as due`,
    values: [quoteName(model.schemaName, orderIndexName(cellTable)), threshold],
  })
  return rows[0]!.due
}

async function build(database: Database, model: TableModel, column: HistoryColumn): Promise<boolean> {
  const concurrently = database.profile.name === 'server' ? 'concurrently ' : ''
  const name = orderIndexName(column.cellTable)
  const [last, key, id] = positionSql(model, column.history, '')
  return database.session(async (client) => {
    const lock = await client.query<{ taken: boolean }>({ text: 'select pg_try_advisory_lock($1, $2) as taken', values: [lockSpace, column.id] })
    if (!lock.rows[0]!.taken) return false
    try {
      // what a build that crashed has left
      await client.query(`drop index ${concurrently}if exists ${quoteName(model.schemaName, name)}`)
      await client.query(
        `create index ${concurrently}${quoteName(name)} on ${quoteName(model.schemaName, model.name)} ((${groupSql(model, column.history, '')}), ${last}, (${key}), ${id})`,
      )
      // the column may have been dropped meanwhile, and its index with it before it was there
      const { rowCount } = await client.query({ text: 'select from vivant."column" where id = $1 and cell_table = $2', values: [column.id, column.cellTable] })
      if (rowCount === 0) await client.query(`drop index ${concurrently}if exists ${quoteName(model.schemaName, name)}`)
      return rowCount > 0
    } finally {
      await client.query({ text: 'select pg_advisory_unlock($1, $2)', values: [lockSpace, column.id] })
    }
  })
}

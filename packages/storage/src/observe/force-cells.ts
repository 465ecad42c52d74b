import { maxIdsPerTask, type CellColumn, type TableModel } from '../catalog/table-model.ts'
import { logPlaces, placesOf } from '../groups/log-rows.ts'
import { type HistoryColumn, isHistoryColumn } from '../groups/position.ts'
import { groupTasks } from '../capture/capture-groups.ts'
import type { Database } from '../connection/database.ts'
import type { SqlClient, Statement } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import { bumpSchemaVersion, lockTable } from '../declare/lock-table.ts'
import { insertBackfills } from '../declare/publication.ts'

export interface ForcedCells {
  /** Cells that will be run again. */
  readonly count: number
  /** What `settled` waits for; null when there is none. */
  readonly since: number | null
}

/** Failed cells of a column, all or of some rows, are run again although their inputs are the same (rule 28). */
export async function retryFailures(client: SqlClient, model: TableModel, column: CellColumn, ids: readonly number[] | null): Promise<ForcedCells> {
  const text = `select _id from vivant_data.${quoteName(column.cellTable)} where status = 'failed' and ($1::bigint[] is null or _id = any($1::bigint[]))`
  return insertForced(client, model, column, { text, values: [ids && `{${ids.join(',')}}`] })
}

/**
 * Cells of some rows are run again, whatever their state. The rows are given by their ids, or by a query whose one column is the id: then
 * they never leave the database, however many there are.
 */
export async function recomputeRows(client: SqlClient, model: TableModel, column: CellColumn, rows: readonly number[] | Statement): Promise<ForcedCells> {
  return insertForced(client, model, column, 'text' in rows ? rows : rowsOf(model, rows))
}

function rowsOf(model: TableModel, ids: readonly number[]): Statement {
  const key = quoteName(model.idColumn)
  return { text: `select ${key} from ${quoteName(model.schemaName, model.name)} where ${key} = any($1::bigint[])`, values: [`{${ids.join(',')}}`] }
}

/** A new version of the column: every cell is stale at once, still served, and computed anew by a backfill. */
export async function recomputeColumn(database: Database, model: TableModel, column: CellColumn): Promise<number> {
  return database.transaction(async (tx) => {
    await lockTable(tx, model.id)
    // the code that a manual column was given takes effect
    await tx.query({ text: `update vivant."column" set version = version + 1, options = options - 'pendingCode' where id = $1`, values: [column.id] })
    await bumpSchemaVersion(tx, model.id)
    await insertBackfills(tx, [column.id])
    const { rows } = await tx.query<{ since: number }>({ text: `select max(since) as since from vivant.backfill where column_id = $1`, values: [column.id] })
    return rows[0]!.since
  })
}

async function insertForced(client: SqlClient, model: TableModel, column: CellColumn, source: Statement): Promise<ForcedCells> {
  if (isHistoryColumn(column)) return insertForcedGroups(client, model, column, source)
  const { text, values = [] } = source
  const at = values.length
  const { rows } = await client.queryArrays({
    text: `with s as materialized (select nextval('vivant.seq') as since), made as (
  insert into vivant.task (table_id, pool, kind, ids, columns, forced, since)
  select ${model.id}, $${at + 1}, 'fresh', array_agg(n._id order by n._id), array[$${at + 2}::int], true, s.since
  from (select _id, (row_number() over (order by _id) - 1) / ${maxIdsPerTask} as chunk from (${text}) f(_id)) n cross join s
  group by n.chunk, s.since
  returning size, since
) select coalesce(sum(size), 0), max(since), vivant.wake()::text from made`,
    values: [...values, column.pool, column.id],
  })
  const [count, since] = rows[0]!
  return { count: Number(count), since: since === null ? null : Number(since) }
}

/** Of a history column: their groups are gone through, and the rows are run although nothing changed for them. */
async function insertForcedGroups(client: SqlClient, model: TableModel, column: HistoryColumn, { text, values = [] }: Statement): Promise<ForcedCells> {
  const { rows } = await client.queryArrays({
    text: `with s as materialized (select nextval('vivant.seq') as since), p as materialized (${placesOf(model, column, `select * from (${text}) f(_id)`)}),
logged as (${logPlaces(column, 'p', { forced: true })}),
made as (${groupTasks(model, column, 'select array_agg(distinct p.bucket) as ids from p', '(select since from s)')} returning since)
select (select count(*) from p), max(since), vivant.wake()::text from made`,
    values,
  })
  const [count, since] = rows[0]!
  return { count: Number(count), since: since === null ? null : Number(since) }
}

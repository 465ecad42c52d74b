import { setTimeout as sleep } from 'node:timers/promises'
import { VivantError } from '@vivant/core'
import { readUpperBounds } from '../backfill/read-upper-bounds.ts'
import { widenCapture } from '../capture/arm-table.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { type TableModel, viewsOf } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlClient, SqlTransaction } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import { replaceLiveView } from '../ddl/live-view.ts'
import { guards } from '../guards.ts'
import { dropCellsLater } from '../upkeep/drop-cells.ts'
import { forEachTable, type UpkeepFailure } from '../upkeep/upkeep-failure.ts'
import type { ColumnDeclaration } from './column-declaration.ts'
import { bumpSchemaVersion, lockTable } from './lock-table.ts'
import { lockTimeoutMs, retryOnLock } from './retry-on-lock.ts'

/** What the second commit of a declaration does, kept so that any process can do it after a crash. */
export interface PublicationDetail {
  /** Columns that become active. */
  readonly added: readonly number[]
  readonly replaced: readonly ColumnReplacement[]
}
export interface ColumnReplacement {
  readonly columnId: number
  readonly declaration: ColumnDeclaration
  /** A new cell table, when the type changed or the column had none. */
  readonly cellTable: string | null
  /** The tables of cells that are then nobody's. */
  readonly oldCellTables: readonly string[]
}

/** Who is waited for, as `status()` shows it. */
export interface WriteHolder {
  readonly transaction: string
  readonly pid: number | null
  readonly user: string | null
  readonly application: string | null
  readonly state: string | null
  readonly since: Date | null
  readonly query: string | null
}

export async function openPublication(tx: SqlTransaction, tableId: number, detail: PublicationDetail): Promise<number> {
  const { rows } = await tx.query<{ id: number }>({
    text: `insert into vivant.operation (table_id, kind, detail) values ($1, 'publish', $2) returning id`,
    values: [tableId, JSON.stringify(detail)],
  })
  return rows[0]!.id
}

/** Declarations of a table whose second commit is still to come. */
export async function openPublications(client: SqlClient, tableId: number): Promise<readonly number[]> {
  const { rows } = await client.query<{ id: number }>({
    text: `select id from vivant.operation where table_id = $1 and kind = 'publish' and ended_at is null order by id`,
    values: [tableId],
  })
  return rows.map((row) => row.id)
}

/** What is published becomes the table's new schema version. */
export async function endPublication(tx: SqlTransaction, tableId: number, operationId: number): Promise<void> {
  await bumpSchemaVersion(tx, tableId)
  await tx.query({ text: 'update vivant.operation set ended_at = now() where id = $1', values: [operationId] })
}

interface OpenOperation {
  readonly id: number
  readonly tableId: number
  readonly holders: readonly string[] | null
}

/**
 * Waits for the transactions that held a write lock on the table after the first commit (as CREATE INDEX CONCURRENTLY
 * waits; comparing transaction ids instead is wrong), then publishes. Rejects with DECLARATION_WAITS after `timeoutMs`;
 * the operation goes on in whichever process comes by.
 */
export async function finishPublication(database: Database, operationId: number, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    const outcome = await tryPublish(database, operationId)
    if (outcome === 'published') return
    if (Date.now() > deadline) throw waitsError(outcome)
    await sleep(pauseMs)
  }
}

/**
 * Publishes what can be published now of all open operations of a schema: workers and `connect` call it. What cannot be (an object of the
 * user's own is in the way) is given back and stays open.
 */
export async function finishOpenPublications(database: Database): Promise<readonly UpkeepFailure[]> {
  // An operation without holders is another process's, between its commit and reading them, or its process died.
  const { rows } = await database.query<{ id: string; table_id: number }>(
    `select id::text as id, table_id from vivant.operation where kind = 'publish' and ended_at is null and (holders is not null or started_at < now() - interval '2 seconds') order by id`,
  )
  return forEachTable(
    rows.map((row) => ({ ...row, tableId: row.table_id })),
    async ({ id }) => void (await tryPublish(database, Number(id))),
  )
}

async function tryPublish(database: Database, operationId: number): Promise<'published' | readonly WriteHolder[]> {
  const operation = await readOperation(database, operationId)
  if (!operation) return 'published'
  const model = await readTable(database, operation.tableId)
  if (!model) return 'published'
  const holders = operation.holders ?? (await recordHolders(database, operation, model))
  const left = guards.waitForWriters && holders.length ? await remaining(database, model, holders) : []
  if (left.length) return left
  await retryOnLock(`Publishing columns of ${model.name}`, 30_000, () => publish(database, operation))
  await readUpperBounds(database, model)
  return 'published'
}

async function readOperation(client: SqlClient, id: number): Promise<OpenOperation | null> {
  const { rows } = await client.query<{ table_id: number; holders: string[] | null }>({
    text: 'select table_id, holders from vivant.operation where id = $1 and ended_at is null',
    values: [id],
  })
  return rows[0] ? { id, tableId: rows[0].table_id, holders: rows[0].holders } : null
}

/** The table, the parents that its columns may read, the views whose rows they read, and their partitions. */
const relations = `(select relid from unnest($1::text[]) n, pg_partition_tree(n::regclass) union select n::regclass from unnest($1::text[]) n)`

function writtenTables(model: TableModel): readonly string[] {
  const views = viewsOf(model).map(({ schemaName, name }) => quoteName(schemaName, name))
  return [quoteName(model.schemaName, model.name), ...(model.view ? writtenTables(model.view.parent) : []), ...views]
}

/** Read once, after the first commit has returned: later writers run the wider capture and are not waited for. */
async function recordHolders(database: Database, operation: OpenOperation, model: TableModel): Promise<readonly string[]> {
  const { rows } = await database.query<{ holders: string[] | null }>({
    text: `select array_agg(distinct virtualtransaction) as holders from pg_locks
where locktype = 'relation' and relation in ${relations} and granted
  and database = (select oid from pg_database where datname = current_database())
  and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') and pid is distinct from pg_backend_pid()`,
    values: [writtenTables(model)],
  })
  const holders = rows[0]?.holders ?? []
  await database.query({ text: 'update vivant.operation set holders = $2 where id = $1 and holders is null', values: [operation.id, holders] })
  return holders
}

async function remaining(database: Database, model: TableModel, holders: readonly string[]): Promise<readonly WriteHolder[]> {
  const { rows } = await database.query<WriteHolder>({
    text: `select distinct on (l.virtualtransaction) l.virtualtransaction as transaction, l.pid, a.usename as "user", a.application_name as application,
  a.state, a.xact_start as since, a.query
from pg_locks l left join pg_stat_activity a using (pid)
where l.locktype = 'relation' and l.relation in ${relations} and l.virtualtransaction = any($2::text[])`,
    values: [writtenTables(model), holders],
  })
  return rows
}

/** The second commit: version, schema version and backfill become visible together. */
async function publish(database: Database, operation: OpenOperation): Promise<void> {
  await database.transaction(
    async (tx) => {
      const model = await lockTable(tx, operation.tableId)
      const { rows } = await tx.query<{ detail: PublicationDetail }>({
        text: 'select detail from vivant.operation where id = $1 and ended_at is null for update',
        values: [operation.id],
      })
      if (!rows[0]) return
      const { added, replaced } = rows[0].detail
      await tx.query({ text: `update vivant."column" set state = 'active' where id = any($1::int[]) and state = 'declaring'`, values: [added] })
      for (const replacement of replaced) await applyReplacement(tx, replacement)
      await insertBackfills(tx, [...added, ...replaced.map((replacement) => replacement.columnId)])
      await endPublication(tx, model.id, operation.id)
      if (replaced.length) {
        const after = (await readTable(tx, model.id))!
        await widenCapture(tx, after)
        for (const table of after.family.values()) await replaceLiveView(tx, table)
        await dropCellsLater(
          tx,
          model.id,
          replaced.flatMap(({ oldCellTables }) => oldCellTables),
        )
      }
    },
    { lockTimeoutMs },
  )
}

async function applyReplacement(tx: SqlTransaction, { columnId, declaration, cellTable }: ColumnReplacement): Promise<void> {
  await tx.query({
    text: `update vivant."column" set kind = $10, type = $2, nullable = $3, expression = $4, condition = $5, pool = $6, code_hash = $7::text,
  code_hashes = case when $7::text is null then code_hashes else array_append(array_remove(code_hashes, $7::text), $7::text) end,
  options = $8, cell_table = case $10 when 'virtual' then null else coalesce($9, cell_table) end, version = version + 1, state = 'active' where id = $1`,
    values: [
      columnId,
      JSON.stringify(declaration.type),
      declaration.nullable,
      JSON.stringify(declaration.expression),
      declaration.condition ? JSON.stringify(declaration.condition) : null,
      declaration.pool,
      declaration.codeHash,
      JSON.stringify(declaration.options),
      cellTable,
      declaration.kind,
    ],
  })
}

/** A backfill for each column's current version; open ones end, and what they were throttled to goes on. */
export async function insertBackfills(tx: SqlClient, columnIds: readonly number[]): Promise<void> {
  await tx.query({
    text: `with ended as (
  update vivant.backfill set state = 'cancelled', ended_at = now()
  where column_id = any($1::int[]) and state in ('running', 'paused')
  returning column_id, rows_per_second
)
insert into vivant.backfill (table_id, column_id, version, pool, priority, state, rows_per_second)
select table_id, id, version, pool, coalesce((options->>'priority')::int, 0), case state when 'paused' then 'paused' else 'running' end,
  (select min(rows_per_second) from ended where ended.column_id = "column".id)
from vivant."column" where id = any($1::int[]) and cell_table is not null order by position`,
    values: [columnIds],
  })
  await tx.query('select vivant.wake()')
}

function waitsError(holders: readonly WriteHolder[]): VivantError {
  const who = holders
    .map((holder) =>
      holder.pid === null
        ? `prepared transaction ${holder.transaction}`
        : `process ${holder.pid} (${holder.user}, ${holder.state} since ${holder.since?.toISOString()}): ${holder.query}`,
    )
    .join('; ')
  return new VivantError(
    'DECLARATION_WAITS',
    `The declaration waits for transactions that were writing to the table when it began: ${who}. It goes on by itself when they end.`,
    {
      details: { holders },
    },
  )
}

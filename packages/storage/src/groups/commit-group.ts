import type { DataType } from '@vivant/core'
import { activeCells, type CellColumn, fanoutPool, maxIdsPerTask, type TableModel } from '../catalog/table-model.ts'
import type { CellInfo, CellStatus } from '../cells/cell-status.ts'
import { Parameters } from '../connection/parameters.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction, Statement } from '../connection/sql-client.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { batchType } from '../value/batch-type.ts'
import { encodeArray } from '../value/encode-value.ts'
import { pgType } from '../value/pg-type.ts'
import { logPlaces, placesOf } from './log-rows.ts'
import type { GroupPlace } from './load-group.ts'
import { groupRollUpParts } from './roll-up-parts.ts'
import { groupTable, type HistoryColumn, historyReaders, groupLogTable, positionColumns, zeroSql } from './position.ts'

export interface GroupCommit {
  readonly model: TableModel
  readonly column: HistoryColumn
  readonly group: number
  readonly owner: string
  readonly tasks: readonly number[]
  readonly since: number
  /** As they were loaded. */
  readonly token: number
  readonly commits: number
  /** Where the piece began; null: nowhere. */
  readonly start: GroupPlace | null
  /** Every cell before it is right as of the token; null: all are. */
  readonly dirty: GroupPlace | null
  /** Of the row at `dirty`. */
  readonly attempts: number
  /** Rows from `dirty` up to here are to be looked at, whatever the log says; `isOpenEnded`: all are. */
  readonly reached: GroupPlace | null
  readonly isOpenEnded: boolean
  /** Log rows of places that are done. */
  readonly fold: readonly number[]
  readonly writes: readonly HistoryWrite[]
}

/** One cell. */
export interface HistoryWrite {
  readonly id: number
  readonly token: number
  readonly value: unknown
  readonly status: CellStatus
  readonly attempts: number
  readonly argumentHash: string | null
  readonly info: CellInfo | null
  /** For an `error`: how long until it is tried again. */
  readonly retryDelayMs: number | null
  readonly micros: number
  /** 0 where there was no cell. */
  readonly loadedSeq: number
}

/** `overtaken`: somebody else has committed what is as new; `rejected`: a lease was lost or the schema moved on. Nothing was written then. */
export type GroupCommitResult = 'written' | 'followed' | 'overtaken' | 'rejected'

/**
 * One piece of a group, in a short transaction: the fence on the group's cell, which locks it: never less than what stands (version, token, dirty,
 * attempts), and only over the cell that was loaded, so strictly one after the other. (A piece writes what differs from the cells that it saw,
 * and ends where they are as they were. If greater were enough, an older worker's cells, committed in between, would stay.) Then its cells, the
 * log rows that are done, and what follows for who reads the cells (rule 26).
 *
 * The fence orders workers of one group. A row that moves to another is written by workers of both: there its own token decides, which a
 * move has raised.
 */
export async function commitGroup(database: Database, commit: GroupCommit): Promise<GroupCommitResult> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.queryArrays(fenceStatement(commit))
    const [accepted, won] = rows[0]!
    if (accepted !== true) return 'rejected'
    if (won !== true) return 'overtaken'
    return (await write(tx, commit)) ? 'followed' : 'written'
  })
}

function fenceStatement(commit: GroupCommit): Statement {
  const { column } = commit
  const parameters = new Parameters()
  const tasks = parameters.add(commit.tasks, 'bigint[]')
  const dirty = commit.dirty
    ? `${parameters.add(commit.dirty.last, 'bool')}, ${parameters.add(commit.dirty.key, pgType(column.history.orderType))}, ${parameters.add(commit.dirty.id, 'bigint')}`
    : `false, ${zeroSql(column.history.orderType)}, 0::bigint`
  const standing = parameters.add(commit.commits, 'bigint')
  const fence = (row: string): string => `(${row}.version, ${row}.token, ${row}.done, ${positionColumns('dirty', row)}, ${row}.attempts)`
  return {
    text: `with held as materialized (select id from vivant.task where id = any(${tasks}) and owner = ${parameters.add(commit.owner, 'uuid')} order by id for share),
guard as materialized (select (${guards.leaseCheck ? `(select count(*) from held) = cardinality(${tasks})` : 'true'}
  and (select schema_version from vivant."table" where id = ${commit.model.id}) = ${parameters.add(commit.model.schemaVersion, 'int')}) as ok),
w as (
  insert into ${groupTable(column.cellTable)} as g (bucket, commits, version, token, done, ${positionColumns('dirty')}, attempts, until_end)
  select ${parameters.add(commit.group, 'bigint')}, ${standing} + 1, ${column.version}, ${parameters.add(commit.token, 'bigint')}, ${commit.dirty === null}, ${dirty}, ${parameters.add(commit.attempts, 'smallint')}, ${commit.isOpenEnded}
  from guard where guard.ok
  on conflict (bucket) do update set commits = g.commits + 1, version = excluded.version, token = excluded.token, done = excluded.done, dirty_last = excluded.dirty_last, dirty_key = excluded.dirty_key,
    dirty_id = excluded.dirty_id, attempts = excluded.attempts, until_end = excluded.until_end
  where ${guards.fenceGroup ? `${fence('g')} <= ${fence('excluded')}${guards.groupAsLoaded ? ' and g.commits + 1 = excluded.commits' : ''}` : 'true'}
  returning 1
)
select (select ok from guard), exists (select from w)`,
    values: parameters.values,
  }
}

/** True when something follows for workers that may be asleep. */
async function write(tx: SqlTransaction, commit: GroupCommit): Promise<boolean> {
  const { column, model } = commit
  const parameters = new Parameters()
  const bucket = parameters.add(commit.group, 'bigint')
  const since = parameters.add(commit.since, 'bigint')
  const parts = foldParts(commit, bucket, parameters)
  let moved: string | null = null
  const followers: string[] = []
  if (commit.writes.length) {
    parts.push(...cellParts(commit, parameters))
    moved = 'select _id from moved'
    for (const pool of readingPools(model, column)) {
      followers.push(`f${followers.length}`)
      parts.push(
        `${followers.at(-1)} as (insert into vivant.task (table_id, pool, kind, ids, since) select ${model.id}, ${quoteText(pool)}, 'fresh', array_agg(n._id order by n._id), ${since}
  from (select _id, (row_number() over (order by _id) - 1) / ${maxIdsPerTask} as chunk from moved) n group by n.chunk returning 1)`,
      )
    }
    if (commit.writes.some(({ retryDelayMs }) => retryDelayMs !== null))
      parts.push(`again as (insert into vivant.task (table_id, pool, kind, ids, columns, since, run_at)
  select distinct ${model.id}, ${quoteText(column.pool)}, 'group', array[${bucket}], array[${column.id}], ${since}, ${retryAt} from i where i.delay is not null)`)
    for (const reader of historyReaders(model, column)) parts.push(`h${reader.id} as (${logPlaces(reader, `(${placesOf(model, reader, moved)})`)})`)
  }
  const above = groupRollUpParts(commit, moved, parameters)
  parts.push(...above.ctes)
  followers.push(...above.tasks)
  const text = `with ${parts.join(',\n')}\nselect ${followers.length ? followers.map((name) => `exists (select from ${name})`).join(' or ') : 'false'}${since ? ` where ${since} is not null` : ''}`
  const { rows } = await tx.queryArrays({ text, values: parameters.values })
  return rows[0]?.[0] === true
}

/** What is folded leaves the log and counts on in the group's cell; only what was loaded, as the rest was not looked at. */
function foldParts({ column, fold, reached, dirty }: GroupCommit, bucket: string, parameters: Parameters): string[] {
  const type = pgType(column.history.orderType)
  const which = guards.foldLoaded ? `l.uid = any(${parameters.add(fold, 'bigint[]')})` : `l.bucket = ${bucket}`
  const place = reached
    ? `union all select ${parameters.add(reached.last, 'bool')}, ${parameters.add(reached.key, type)}, ${parameters.add(reached.id, 'bigint')}`
    : ''
  const standing = `select ${positionColumns('until', 'g')} from ${groupTable(column.cellTable)} g where g.bucket = ${bucket} and g.until_id is not null`
  return [
    `folded as (delete from ${groupLogTable(column.cellTable)} l where ${which} returning ${positionColumns('hi', 'l')})`,
    `sums as materialized (select count(*) as n from folded)`,
    `furthest as materialized (select * from (select * from folded union all ${standing} ${place}) p(last, key, id) order by last desc, key desc, id desc limit 1)`,
    `marked as (update ${groupTable(column.cellTable)} g set folded = g.folded + sums.n, until_last = u.last, until_key = u.key, until_id = u.id
  from sums left join furthest u on ${dirty !== null} where g.bucket = ${bucket} returning 1)`,
  ]
}

// statement_timestamp: the cell and its task name the same moment
const retryAt = `statement_timestamp() + i.delay * interval '1 millisecond'`

function cellParts({ model, column, writes }: GroupCommit, parameters: Parameters): string[] {
  const { element, cast } = batchType(column.type)
  const ordered = writes.toSorted((left, right) => left.id - right.id)
  const list = (type: string, read: (cell: HistoryWrite) => unknown): string => parameters.add(ordered.map(read), `${type}[]`)
  const encoded = (type: DataType, elementType: string, read: (cell: HistoryWrite) => unknown): string =>
    parameters.add(encodeArray(type, ordered.map(read)), `${elementType}[]`)
  const lists = [
    list('bigint', ({ id }) => id),
    list('bigint', ({ token }) => token),
    encoded(column.type, element, ({ value }) => value),
    list('text', ({ status }) => status),
    list('smallint', ({ attempts }) => attempts),
    list('uuid', ({ argumentHash }) => argumentHash),
    encoded({ kind: 'json' }, 'jsonb', ({ info }) => info),
    list('int', ({ micros }) => Math.min(Math.round(micros), 2_147_483_647)),
    list('bigint', ({ loadedSeq }) => loadedSeq),
    list('int', ({ retryDelayMs }) => retryDelayMs && Math.max(1, Math.round(retryDelayMs))),
  ]
  const changed = `c.status is distinct from excluded.status or (excluded.status <> 'error' and c.value is distinct from excluded.value)`
  const key = quoteName(model.idColumn)
  return [
    `i as materialized (select * from unnest(${lists.join(', ')}) as i(_id, token, value, status, attempts, args, info, micros, loaded_seq, delay))`,
    // a row that was deleted meanwhile gets no cell
    `w as (
  insert into vivant_data.${quoteName(column.cellTable)} as c (_id, value, status, version, token, seq, attempts, args, micros, info)
  select i._id, ${cast ? `i.value::${cast}` : 'i.value'}, i.status, ${column.version}, i.token, nextval('vivant.seq'), i.attempts, i.args, i.micros, case when i.delay is null then i.info else coalesce(i.info, '{}') || jsonb_build_object('retryAt', ${retryAt}) end
  from i join ${quoteName(model.schemaName, model.name)} t on t.${key} = i._id cross join marked order by i._id
  on conflict (_id) do update set value = case when excluded.status = 'error' then c.value else excluded.value end, status = excluded.status, version = excluded.version,
    token = excluded.token, seq = case when ${changed} then nextval('vivant.seq') else c.seq end, attempts = excluded.attempts, args = excluded.args, micros = excluded.micros,
    computed_at = now(), info = excluded.info
  ${guards.fenceMovedRows ? 'where (c.version, c.token) <= (excluded.version, excluded.token)' : ''}
  returning c._id, c.seq
)`,
    `moved as materialized (select w._id from w join i using (_id) where w.seq <> i.loaded_seq)`,
  ]
}

/** Pools of what reads the column: of its own row, of rows below in views, and of groups. */
function readingPools(model: TableModel, column: CellColumn): readonly string[] {
  const readers = activeCells(model).filter((reader) => reader.cellInputs.includes(column.id))
  const below = model.readers.some(({ cells }) => cells.includes(column.id)) ? [fanoutPool] : []
  return [...new Set([...readers.map((reader) => reader.pool), ...below])].toSorted()
}

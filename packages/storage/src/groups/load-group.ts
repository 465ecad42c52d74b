import type { TableModel } from '../catalog/table-model.ts'
import type { CellBatch } from '../cells/cell-batch.ts'
import { loadCells, type LoadPlan } from '../cells/load-cells.ts'
import type { Database } from '../connection/database.ts'
import { Parameters } from '../connection/parameters.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { pgType } from '../value/pg-type.ts'
import { groupSql, groupTable, type HistoryColumn, groupLogTable, positionColumns, positionSql } from './position.ts'

/** A place in the order of a group, with the key as PostgreSQL writes it. */
export interface GroupPlace {
  readonly last: boolean
  readonly key: string
  readonly id: number
}

/** What comes in the order of a group: a touched range begins, a row, a touched range ends. */
export interface GroupEvent {
  readonly kind: 'begin' | 'row' | 'end'
  readonly place: GroupPlace
  /** The log row of a range; null for a row, and for the end of what earlier pieces have left. */
  readonly log: number | null
  /** A range: its row is run again although nothing changed for it. */
  readonly forced: boolean
}

export interface LoadedGroup {
  /** Log rows that there ever were. */
  readonly token: number
  /** Of the group's cell; 0 when it has none. */
  readonly commits: number
  /** Log rows, and rows from where work begins, as many as were asked for. */
  readonly events: readonly GroupEvent[]
  /** Where log rows begin that were not loaded; null: all were, or nowhere. */
  readonly rest: GroupPlace | null
  /** How many touched ranges have begun before the first event; one of them never ends where nothing is known of the group. */
  readonly open: number
  readonly isOpenEnded: boolean
  /** Rows before the first, the oldest first. */
  readonly window: readonly number[]
  /** The rows of both, by id. */
  readonly batch: CellBatch
}

export interface GroupRequest {
  readonly plan: LoadPlan
  readonly group: number
  /** Rows at most. */
  readonly rows: number
}

/**
 * A piece of a group: the state of its cell, its log, and rows from the first place that may not be right, with those before it that they
 * read. One snapshot (rule 26): with rows older than the log, what was changed in between would be taken for done. Null when all is right.
 */
export async function loadGroup(database: Database, model: TableModel, column: HistoryColumn, request: GroupRequest): Promise<LoadedGroup | null> {
  const load = async (client: SqlClient): Promise<LoadedGroup | null> => {
    const piece = await readPiece(client, model, column, request)
    return piece && { ...piece, batch: await loadRows(client, request.plan, piece) }
  }
  if (guards.groupSnapshot) return database.transaction(load, { isolation: 'repeatable read', readOnly: true })
  const early = await load(database)
  const piece = await readPiece(database, model, column, request)
  return (
    early && piece && { ...piece, events: piece.events.filter(({ kind, place }) => kind !== 'row' || early.batch.ids.includes(place.id)), batch: early.batch }
  )
}

type Piece = Omit<LoadedGroup, 'batch'>

/** Log rows that are loaded for each row that is. */
const logsPerRow = 4

async function readPiece(client: SqlClient, model: TableModel, column: HistoryColumn, { group, rows: limit }: GroupRequest): Promise<Piece | null> {
  const state = await readState(client, column, group)
  if (!state) return null
  const { rows } = await client.queryArrays(eventsStatement(model, column, group, state, limit))
  const { events, rest } = upToLog(rows.map(readEvent), limit * logsPerRow)
  const first = events.find(({ kind }) => kind === 'row')
  return {
    token: state.token,
    commits: state.commits,
    events,
    rest,
    open: state.isOpenEnded || events.some(({ kind, log }) => kind === 'end' && log === null) ? 1 : 0,
    isOpenEnded: state.isOpenEnded,
    window: first && state.start ? await readWindow(client, model, column, group, first.place) : [],
  }
}

/** Of a log that is longer than what is loaded of it, the part before the last row that was. */
function upToLog(events: readonly GroupEvent[], limit: number): Pick<Piece, 'events' | 'rest'> {
  if (events.filter(({ kind }) => kind === 'begin').length < limit) return { events, rest: null }
  const end = events.findLastIndex(({ kind }) => kind === 'begin')
  const known = new Set(events.slice(0, end).flatMap(({ kind, log }) => (kind === 'begin' ? [log] : [])))
  // a range that goes on behind the end does not end in this piece
  return { events: events.slice(0, end).filter(({ kind, log }) => kind !== 'end' || log === null || known.has(log)), rest: events[end]!.place }
}

async function loadRows(client: SqlClient, plan: LoadPlan, { events, window }: Piece): Promise<CellBatch> {
  const ids = [...window, ...events.flatMap(({ kind, place }) => (kind === 'row' ? [place.id] : []))]
  return loadCells(
    client,
    plan,
    ids.toSorted((left, right) => left - right),
  )
}

interface GroupState {
  readonly token: number
  readonly commits: number
  readonly isOpenEnded: boolean
  /** Null: from the first row. */
  readonly start: GroupPlace | null
}

/** Null when the group is right to its end. */
async function readState(client: SqlClient, column: HistoryColumn, group: number): Promise<GroupState | null> {
  const [groups, log] = [groupTable(column.cellTable), groupLogTable(column.cellTable)]
  const mark = guards.dirtyMark ? `select ${positionColumns('dirty', 'g')} from ${groups} g where g.bucket = $1 and not g.done union all ` : ''
  const { rows } = await client.queryArrays({
    text: `select coalesce(g.folded, 0) + (select count(*) from ${log} l where l.bucket = $1), coalesce(g.version = $2, false), coalesce(g.until_end, true), s.last, s.key::text, s.id, coalesce(g.done, false), coalesce(g.commits, 0)
from (select) one left join ${groups} g on g.bucket = $1
  left join lateral (select * from (${mark}select ${positionColumns('lo', 'l')} from ${log} l where l.bucket = $1) p(last, key, id) order by last, key, id limit 1) s on true`,
    values: [group, column.version],
  })
  const [logged, isOfVersion, untilEnd, last, key, id, done, committed] = rows[0]!
  const [token, commits] = [Number(logged), Number(committed)]
  if (!isOfVersion) return { token, commits, isOpenEnded: true, start: null }
  if (id === null) return null
  return {
    token,
    commits,
    isOpenEnded: untilEnd === true && done !== true,
    start: { last: last === true, key: key as string, id: Number(id) },
  }
}

function eventsStatement(model: TableModel, column: HistoryColumn, group: number, { start }: GroupState, limit: number): { text: string; values: unknown[] } {
  const parameters = new Parameters()
  const bucket = parameters.add(group, 'bigint')
  const groups = groupTable(column.cellTable)
  return {
    text: `with logs as materialized (select * from ${groupLogTable(column.cellTable)} l where l.bucket = ${bucket} order by ${positionColumns('lo', 'l')}, l.uid limit ${parameters.add(limit * logsPerRow, 'int')})
select e.kind, e.uid, e.last, e.key::text, e.id, e.forced from (
  select 1 as kind, null::bigint as uid, r.last, r.key, r.id, false as forced from (${groupRows(model, column, bucket)}${start ? ` and ${ownPlace(model, column)} >= ${placeParameters(column, start, parameters)}` : ''}
    order by 1, 2, 3 limit ${parameters.add(limit, 'int')}) r
  union all select 0, l.uid, ${positionColumns('lo', 'l')}, l.forced from logs l
  union all select 2, l.uid, ${positionColumns('hi', 'l')}, false from logs l
  union all select 2, null, ${positionColumns('until', 'g')}, false from ${groups} g
    where g.bucket = ${bucket} and g.version = ${column.version} and not g.done and not g.until_end and g.until_id is not null
) e order by e.last, e.key, e.id, e.kind`,
    values: parameters.values,
  }
}

async function readWindow(client: SqlClient, model: TableModel, column: HistoryColumn, group: number, first: GroupPlace): Promise<readonly number[]> {
  const parameters = new Parameters()
  const { rows } = await client.queryArrays({
    text: `select r.id from (${groupRows(model, column, parameters.add(group, 'bigint'))} and ${ownPlace(model, column)} < ${placeParameters(column, first, parameters)}
  order by 1 desc, 2 desc, 3 desc limit ${parameters.add(column.history.last, 'int')}) r`,
    values: parameters.values,
  })
  return rows.map(([id]) => Number(id)).toReversed()
}

/** Ends in a condition, so that more can be added. */
function groupRows(model: TableModel, { history }: HistoryColumn, bucket: string): string {
  const [last, key, id] = positionSql(model, history, 't')
  return `select ${last} as last, ${key} as key, ${id} as id from ${quoteName(model.schemaName, model.name)} t where ${groupSql(model, history, 't')} = ${bucket}`
}

function ownPlace(model: TableModel, { history }: HistoryColumn): string {
  return `(${positionSql(model, history, 't').join(', ')})`
}

function placeParameters({ history }: HistoryColumn, { last, key, id }: GroupPlace, parameters: Parameters): string {
  return `(${parameters.add(last, 'bool')}, ${parameters.add(key, pgType(history.orderType))}, ${parameters.add(id, 'bigint')})`
}

const kinds = ['begin', 'row', 'end'] as const

function readEvent([kind, uid, last, key, id, forced]: readonly unknown[]): GroupEvent {
  return {
    kind: kinds[Number(kind)]!,
    place: { last: last === true, key: key as string, id: Number(id) },
    log: uid === null ? null : Number(uid),
    forced: forced === true,
  }
}

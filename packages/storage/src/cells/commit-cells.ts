import type { SqlClient, Statement } from '../connection/sql-client.ts'
import { hashName } from '../connection/hash-name.ts'
import { Parameters } from '../connection/parameters.ts'
import { fanoutPool, activeCells, type CellColumn, maxIdsPerTask, type TableModel } from '../catalog/table-model.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { logPlaces, placesOf } from '../groups/log-rows.ts'
import { historyColumns } from '../groups/position.ts'
import { guards } from '../guards.ts'
import { cellLogKey } from '../roll-up/log.ts'
import { parentParts, ParentRows, parentsOfCell } from '../roll-up/parent-parts.ts'
import { batchType } from '../value/batch-type.ts'
import { encodeArray } from '../value/encode-value.ts'
import { tasksBelow } from './fan-out.ts'
import type { CellWrites, TaskToInsert } from './cell-writes.ts'

export interface CellCommit {
  readonly model: TableModel
  readonly pool: string
  readonly owner: string
  /** The tasks under whose leases this is written. */
  readonly tasks: readonly number[]
  /** The last commit of these tasks: they are deleted, and what was put back is inserted. */
  readonly final: boolean
  /** Later columns of the same rows go by the seqs that this commit draws. */
  readonly returnSeqs: boolean
  /** In topological order. */
  readonly writes: readonly CellWrites[]
  /** Put back with a final commit whatever happens: what earlier commits of these tasks lost. */
  readonly putBack: readonly number[]
  readonly since: number
  /** When the first cause of each row of these tasks was captured, where that differs: what is put back or tried again keeps its own. */
  readonly sinces: RowSinces | null
  readonly insertTasks: readonly TaskToInsert[]
}

export interface RowSinces {
  readonly ids: readonly number[]
  readonly values: readonly number[]
}

export interface CellCommitResult {
  /** False: a lease was lost or the schema moved on; nothing was written. */
  readonly accepted: boolean
  /** Rows that lost the fence, or whose dependents were not planned. A final commit has put them back. */
  readonly putBack: readonly number[]
  /** Tasks were inserted for other pools. */
  readonly followed: boolean
  /** For each column the seq of each row that was written, where they were asked for. */
  readonly seqs: ReadonlyMap<number, ReadonlyMap<number, number>>
}

/**
 * The commit: one statement, so one short transaction. It holds the leases, checks the schema version, writes each
 * column's cells behind the fence in topological order (the one order in which every worker locks), gives the token of a
 * dependent the seq that its input's write returned, tells other pools, records retries, puts back what lost, and deletes
 * the tasks.
 */
export async function commitCells(client: SqlClient, commit: CellCommit): Promise<CellCommitResult> {
  try {
    return readResult(commit, await client.queryArrays(commitStatement(commit)))
  } catch (error) {
    // A plain insert met a cell that was not there at the load: the whole batch goes through the fence instead.
    if ((error as { code?: string }).code !== '23505' || !commit.writes.some((write) => write.fresh)) throw error
    const fenced = { ...commit, writes: commit.writes.map((write) => ({ ...write, fresh: false })) }
    return readResult(fenced, await client.queryArrays(commitStatement(fenced)))
  }
}

function readResult(commit: CellCommit, { rows }: { readonly rows: readonly (readonly unknown[])[] }): CellCommitResult {
  const [accepted, putBack, followed, ...seqs] = rows[0]!
  const result = new Map<number, ReadonlyMap<number, number>>()
  if (commit.returnSeqs)
    for (const [index, write] of commit.writes.entries()) {
      const ids = (seqs[index * 2] ?? []) as readonly unknown[]
      const drawn = (seqs[index * 2 + 1] ?? []) as readonly unknown[]
      result.set(write.column.id, new Map(ids.map((id, position) => [Number(id), Number(drawn[position])])))
    }
  return { accepted: accepted === true, putBack: ((putBack ?? []) as readonly unknown[]).map(Number), followed: followed === true, seqs: result }
}

/** The statement, for `commitCells` and for tests of its text. */
export function commitStatement(commit: CellCommit): Statement {
  const parameters = new Parameters()
  const parts = [guardPart(commit, parameters), ...(commit.writes.some((write) => write.fresh) ? [drawnPart] : [])]
  const outcomes: Outcome[] = []
  for (const index of commit.writes.keys()) {
    const part = writePart(commit.writes, index, parameters)
    parts.push(...part.ctes)
    outcomes.push(part.outcome)
  }
  const last = commit.writes.length ? `b${commit.writes.length - 1}` : null
  const followers = followUpParts(commit, outcomes, parameters)
  const above = rollUpParts(commit, outcomes, parameters)
  const putBack = putBackPart(commit, outcomes, parameters)
  parts.push(
    ...followers,
    ...above.ctes,
    ...logParts(commit, outcomes),
    ...putBack.ctes,
    ...retryParts(commit, outcomes, parameters),
    ...insertedTaskParts(commit, last, parameters),
    ...donePart(commit, last),
  )
  const inserted = [...followers.map((_, index) => `f${index}`), ...above.tasks]
  const followed = inserted.length ? inserted.map((name) => `exists (select from ${name})`).join(' or ') : 'false'
  const seqs = !commit.returnSeqs
    ? []
    : commit.writes.flatMap((_, index) => [`(select array_agg(_id) from w${index})`, `(select array_agg(seq) from w${index})`])
  const text = `with ${parts.join(',\n')}\nselect ${[`(select ok from guard)`, putBack.ids, followed, ...seqs].join(', ')}${last ? ` from ${last}` : ''}`
  return { text, values: parameters.values, name: `commit_${hashName(text)}` }
}

function guardPart(commit: CellCommit, parameters: Parameters): string {
  const tasks = parameters.add(`{${commit.tasks.join(',')}}`, 'bigint[]')
  const owner = parameters.add(commit.owner, 'uuid')
  const version = parameters.add(commit.model.schemaVersion, 'int')
  const leaseHeld = guards.leaseCheck ? `(select count(*) from held) = cardinality(${tasks})` : 'true'
  const sameSchema = guards.schemaCheck ? `(select schema_version from vivant."table" where id = ${commit.model.id}) = ${version}` : `${version} is not null`
  return `held as materialized (select id from vivant.task where id = any(${tasks}) and owner = ${owner} order by id for update),
guard as materialized (select ${leaseHeld} and ${sameSchema} as ok)`
}

/** One seq for all cells that are new: a seq is compared with earlier ones of the same cell only. */
const drawnPart = `drawn as materialized (select nextval('vivant.seq') as seq)`

/** What became of one column's rows, as later parts read it. */
interface Outcome {
  readonly write: CellWrites
  readonly index: number
  /** `unnest` of the ids, loaded seqs and put-back marks, joined to what was written. */
  readonly rows: () => string
}

function writePart(writes: readonly CellWrites[], index: number, parameters: Parameters): { ctes: string[]; outcome: Outcome } {
  const write = writes[index]!
  const { column } = write
  const ids = parameters.addOnce(write.ids, idList, 'bigint[]')
  const lists = new InputLists()
  const base = uniform(write.baseTokens)
    ? parameters.add(write.baseTokens[0] ?? 0, 'bigint')
    : lists.add('base', parameters.add(idList(write.baseTokens), 'bigint[]'))
  const { element, cast } = batchType(column.type)
  const value = lists.add('value', parameters.add(encodeArray(column.type, write.values), `${element}[]`))
  const status = uniform(write.statuses) ? quoteText(write.statuses[0] ?? 'ok') : lists.add('status', parameters.add(`{${write.statuses.join(',')}}`, 'text[]'))
  const attempts = uniform(write.attempts)
    ? parameters.add(write.attempts[0] ?? 0, 'smallint')
    : lists.add('attempts', parameters.add(`{${write.attempts.join(',')}}`, 'smallint[]'))
  const args = write.argumentHashes
    ? lists.add('args', parameters.add(`{${write.argumentHashes.map((hash) => hash ?? 'NULL').join(',')}}`, 'uuid[]'))
    : 'null::uuid'
  const delay = write.retryDelaysMs ? lists.add('delay', parameters.add(delays(write), 'int[]')) : null
  const info = write.infos ? infoColumn(lists.add('info', parameters.add(encodeArray({ kind: 'json' }, write.infos), 'jsonb[]')), delay) : 'null::jsonb'
  const micros = parameters.add(Math.min(Math.round(write.micros), 2_147_483_647), 'int')
  const written = write.writtenInputs.map((input, bit) => {
    const at = writes.findIndex((other) => other.column.id === input.id)
    return { alias: `w${at}`, bit: 1 << bit, fresh: writes[at]!.fresh }
  })
  // plain inserts of this statement: none can be lost, and all have the one seq
  const certain = written.every(({ bit, fresh }) => fresh && write.inputMasks.every((mask) => mask & bit))
  const inputs = certain ? [] : written
  const masks =
    certain || uniform(write.inputMasks) ? String(write.inputMasks[0] ?? 0) : lists.add('mask', parameters.add(`{${write.inputMasks.join(',')}}`, 'int[]'))
  const seqs = certain ? written.map(() => 'd.seq') : inputs.map(({ alias }) => `coalesce(p${alias}.seq, 0)`)
  const tokens = [base, ...(guards.returnedSeq ? seqs : [])]
  const token = guards.tokenIsSum ? tokens.join(' + ') : `greatest(${tokens.join(', ')})`
  // a lost input: its dependents are not written (rule 8)
  const inputsWritten = guards.putBackLost ? inputs.map(({ alias, bit }) => `and (${masks} & ${bit} = 0 or p${alias}._id is not null)`).join(' ') : ''
  const text = `w${index} as (
  insert into vivant_data.${quoteName(column.cellTable)} as c (_id, value, status, version, token, seq, attempts, args, micros, info)
  select i._id, ${cast ? `${value}::${cast}` : value}, ${status}, ${column.version}, ${token}, ${write.fresh ? 'd.seq' : `nextval('vivant.seq')`}, ${attempts}, ${args}, ${micros}, ${info}
  from guard g${write.fresh || (certain && written.length) ? ' cross join drawn d' : ''}${index ? ` cross join b${index - 1}` : ''} cross join unnest(${[ids, ...lists.values].join(', ')}) as i(${['_id', ...lists.names].join(', ')})
  ${inputs.map(({ alias }) => `left join ${alias} p${alias} on p${alias}._id = i._id`).join(' ')}
  where g.ok ${inputsWritten}
  ${write.fresh && certain ? '' : 'order by i._id'}
  ${write.fresh ? '' : fence()}
  returning c._id, c.seq
),
b${index} as materialized (select count(*) from w${index})`
  const delayList = lists.placeholder('delay') ?? 'null::int[]'
  // made when first asked for: a parameter that the text does not have is an error
  let rows: string | undefined
  const makeRows = (): string => {
    const loadedSeqs = parameters.add(`{${write.loadedSeqs.join(',')}}`, 'bigint[]')
    const marks = parameters.add(`{${write.putBackIfMoved.join(',')}}`, 'bool[]')
    return `unnest(${ids}, ${loadedSeqs}, ${marks}, ${delayList}) as i(_id, loaded_seq, mark, delay) left join w${index} w on w._id = i._id`
  }
  return { ctes: [text], outcome: { write, index, rows: () => (rows ??= makeRows()) } }
}

/** Named lists that `unnest` turns into columns of `i`. */
class InputLists {
  readonly names: string[] = []
  readonly values: string[] = []

  add(name: string, placeholder: string): string {
    this.names.push(name)
    this.values.push(placeholder)
    return `i.${name}`
  }

  placeholder(name: string): string | undefined {
    return this.values[this.names.indexOf(name)]
  }
}

/**
 * Strictly greater (version, token, attempts) replaces a cell. The seq is drawn again here, under the lock of the cell
 * (drawn before, it could go backwards), and only when value or status changed: an equal result disturbs nothing below.
 */
function fence(): string {
  const changed = `c.value is distinct from excluded.value and excluded.status <> 'error'${guards.seqOnStatus ? ' or c.status <> excluded.status' : ''}`
  const compare = guards.strictFence ? '<' : '<='
  return `on conflict (_id) do update set
    value = case when excluded.status = 'error' then c.value else excluded.value end, status = excluded.status,
    version = excluded.version, token = excluded.token,
    seq = case when ${changed} then ${guards.seqUnderLock ? `nextval('vivant.seq')` : 'excluded.seq'} else c.seq end,
    attempts = excluded.attempts, args = excluded.args, micros = excluded.micros, computed_at = now(), info = excluded.info
  where (c.version, c.token, c.attempts) ${compare} (excluded.version, excluded.token, excluded.attempts)`
}

function infoColumn(info: string, delay: string | null): string {
  return delay ? `case when ${delay} is null then ${info} else coalesce(${info}, '{}') || jsonb_build_object('retryAt', ${retryAt(delay)}) end` : info
}

// statement_timestamp: the cell and its retry task name the same moment
function retryAt(delay: string): string {
  return `statement_timestamp() + ${delay} * interval '1 millisecond'`
}

function delays(write: CellWrites): string {
  return `{${write.retryDelaysMs!.map((delay) => (delay === null ? 'NULL' : Math.max(1, Math.round(delay)))).join(',')}}`
}

/** Tasks for the other pools whose columns read a cell whose seq moved (rule 11: in the same commit). */
function followUpParts(commit: CellCommit, outcomes: readonly Outcome[], parameters: Parameters): string[] {
  const pools = new Map<string, Outcome[]>()
  for (const outcome of outcomes) for (const pool of otherPoolsReading(commit, outcome.write.column)) pools.set(pool, [...(pools.get(pool) ?? []), outcome])
  if (!guards.followUpsInside) return []
  const inserts = [...pools].flatMap(([pool, sources]) => {
    const moved = sources.map((source) => `select i._id from ${source.rows()} where w.seq <> i.loaded_seq`).join(' union ')
    if (pool === fanoutPool && !guards.fanOutApart) return tasksBelow(commit.model, `array(${moved})`, parameters.add(commit.since, 'bigint'), 'guard')
    return [`insert into vivant.task (table_id, pool, kind, ids, since) ${chunkedTask(commit, quoteText(pool), 'fresh', moved, parameters)}`]
  })
  return inserts.map((text, index) => `f${index} as (${text} returning 1)`)
}

/** What moved is logged for the groups of history columns that read it, at the place that this snapshot shows (rule 26). */
function logParts({ model }: CellCommit, outcomes: readonly Outcome[]): string[] {
  return historyColumns(model).flatMap((reader) => {
    const sources = outcomes.filter(({ write }) => reader.cellInputs.includes(write.column.id))
    if (!sources.length) return []
    const moved = sources.map((source) => `select i._id from ${source.rows()} where w.seq <> i.loaded_seq`).join(' union ')
    return [`h${reader.id} as (${logPlaces(reader, `(${placesOf(model, reader, moved)})`)})`]
  })
}

function otherPoolsReading(commit: CellCommit, column: CellColumn): readonly string[] {
  const readers = activeCells(commit.model).filter((reader) => reader.cellInputs.includes(column.id) && reader.pool !== commit.pool)
  const below = commit.model.readers.some(({ cells }) => cells.includes(column.id)) ? [fanoutPool] : []
  return [...new Set([...readers.map((reader) => reader.pool), ...below])].toSorted()
}

/** What columns of the parent read of these rows, as those of a view. */
function rollUpParts(commit: CellCommit, outcomes: readonly Outcome[], parameters: Parameters): ReturnType<typeof parentParts> {
  const entries: string[] = []
  const rows = new ParentRows()
  for (const source of outcomes) {
    const { id } = source.write.column
    const { isLogged, following, waiting } = parentsOfCell(commit.model, id)
    if (!isLogged && !waiting.length) continue
    const moved = `select i._id from ${source.rows()} where w.seq <> i.loaded_seq`
    if (isLogged) entries.push(`select _id, ${cellLogKey(id)} from (${moved}) k`)
    rows.add(following, moved)
    rows.add(waiting, `select i._id from ${source.rows()} where w._id is not null`)
  }
  return parentParts(commit.model, entries, rows, () => sinceParts(commit, 'u', parameters))
}

function putBackPart(commit: CellCommit, outcomes: readonly Outcome[], parameters: Parameters): { ctes: string[]; ids: string } {
  const sources = outcomes.flatMap(({ write, rows }) => {
    const reasons = [
      ...(write.fresh || !guards.putBackLost ? [] : ['w._id is null']),
      ...(guards.putBackUnplanned && write.putBackIfMoved.includes(true) ? ['(i.mark and w.seq <> i.loaded_seq)'] : []),
    ]
    return reasons.length ? [`select i._id from ${rows()} where ${reasons.join(' or ')}`] : []
  })
  if (commit.final && commit.putBack.length) sources.push(`select unnest(${parameters.add(`{${commit.putBack.join(',')}}`, 'bigint[]')}) as _id`)
  if (!sources.length) return { ctes: [], ids: 'null::bigint[]' }
  const ctes = [`back as materialized (select _id from (${sources.join(' union ')}) u, guard where guard.ok)`]
  if (commit.final)
    ctes.push(
      `returned as (insert into vivant.task (table_id, pool, kind, ids, since) ${chunkedTask(commit, quoteText(commit.pool), 'fresh', 'select _id from back', parameters)})`,
    )
  return { ctes, ids: '(select array_agg(_id) from back)' }
}

function chunkedTask(commit: CellCommit, pool: string, kind: string, ids: string, parameters: Parameters): string {
  const since = sinceParts(commit, 'u', parameters)
  return `select ${commit.model.id}, ${pool}, '${kind}', array_agg(n._id order by n._id), n.since
  from (select u._id, ${since.value} as since, (row_number() over (partition by ${since.value} order by u._id) - 1) / ${maxIdsPerTask} as chunk from (${ids}) u ${since.join}) n
  group by n.since, n.chunk`
}

/** A row's own `since`, for a source of ids with this alias. */
function sinceParts({ since, sinces }: CellCommit, alias: string, parameters: Parameters): { readonly value: string; readonly join: string } {
  if (!sinces) return { value: parameters.add(since, 'bigint'), join: '' }
  const [ids, values] = [parameters.addOnce(sinces.ids, idList, 'bigint[]'), parameters.addOnce(sinces.values, idList, 'bigint[]')]
  return { value: 's.since', join: `join unnest(${ids}, ${values}) as s(id, since) on s.id = ${alias}._id` }
}

/** The retry of an `error` is in the commit that writes it, one task for each delay. */
function retryParts(commit: CellCommit, outcomes: readonly Outcome[], parameters: Parameters): string[] {
  return outcomes
    .filter(({ write }) => write.retryDelaysMs)
    .map(({ write, index, rows }) => {
      const since = sinceParts(commit, 'i', parameters)
      const numbered = `select i._id, i.delay, ${since.value} as since, (row_number() over (partition by i.delay, ${since.value} order by i._id) - 1) / ${maxIdsPerTask} as chunk
    from ${rows()} ${since.join} where w._id is not null and i.delay is not null`
      return `r${index} as (insert into vivant.task (table_id, pool, kind, ids, columns, since, run_at)
  select ${commit.model.id}, ${quoteText(commit.pool)}, 'retry', array_agg(n._id order by n._id), array[${write.column.id}], n.since, ${retryAt('n.delay')}
  from (${numbered}) n group by n.delay, n.since, n.chunk)`
    })
}

function insertedTaskParts(commit: CellCommit, last: string | null, parameters: Parameters): string[] {
  return commit.insertTasks.map((task, index) => {
    const ids = parameters.add(`{${task.ids.join(',')}}`, 'bigint[]')
    const columns = parameters.add(task.columns ? `{${task.columns.join(',')}}` : null, 'int[]')
    const delay = parameters.add(task.delayMs, 'int')
    return `t${index} as (insert into vivant.task (table_id, pool, kind, ids, columns, forced, since, run_at)
  select ${commit.model.id}, ${quoteText(task.pool)}, '${task.kind}', ${ids}, ${columns}, ${task.forced ?? false}, ${parameters.add(commit.since, 'bigint')}, ${retryAt(delay)}
  from guard${last ? ` cross join ${last}` : ''} where guard.ok)`
  })
}

function donePart(commit: CellCommit, last: string | null): string[] {
  if (!commit.final) return []
  return [`done as (delete from vivant.task d using guard${last ? ` cross join ${last}` : ''} where guard.ok and d.id = any($1::bigint[]))`]
}

function idList(ids: readonly number[]): string {
  return `{${ids.join(',')}}`
}

function uniform(list: readonly unknown[]): boolean {
  return list.every((item) => item === list[0])
}

import { type CellColumn, maxIdsPerTask, type StoredColumn, type TableModel, viewColumns } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { hashName } from '../connection/hash-name.ts'
import { Parameters } from '../connection/parameters.ts'
import type { SqlTransaction, Statement } from '../connection/sql-client.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { insertBatch } from '../rows/insert-rows.ts'
import { batchType } from '../value/batch-type.ts'
import { encodeArray } from '../value/encode-value.ts'
import { type ChildChanges, diffChildren, type StandingChild } from './diff-children.ts'
import { type ExpandedRow, type ExpansionPiece, type ExpansionWrite, madeOrder } from './expansion-writes.ts'

export interface ExpansionCommit {
  /** The parent. */
  readonly model: TableModel
  readonly view: TableModel
  readonly column: CellColumn
  readonly owner: string
  readonly tasks: readonly number[]
  readonly since: number
  /** By id, each once. What continues a run comes alone. */
  readonly writes: readonly ExpansionWrite[]
}

export interface ExpansionCommitResult {
  /** False: a lease was lost or the schema moved on; nothing was written. */
  readonly accepted: boolean
  /** Rows that a user's transaction has locked: nothing was written of them. */
  readonly locked: readonly number[]
  /** Rows that passed the fence. */
  readonly written: readonly number[]
  /** Rows behind whose list more of an older one is left than one transaction deletes: nothing was written of them. See `clearChildren`. */
  readonly crowded: readonly number[]
}

const nothing: ExpansionCommitResult = { accepted: false, locked: [], written: [], crowded: [] }

/** Rows of a view that one transaction deletes: a user who waits for one of them waits for no more. */
export const clearedRows = 2000

/**
 * One piece of the expansions of some rows: a short transaction.
 *
 * - The leases (shared: several commits of one claim go on beside each other), the schema version, and the parents' rows, which a user can
 *   lock: what cannot be had at once is left for later (rule 25).
 * - The fence on the expansion cells. A run begins with a strictly greater (version, token, attempts) and goes on where it stopped
 *   itself, nowhere else. Who loses it has been overtaken.
 * - In a new statement, so in a snapshot after that lock: what the rows are, against what they should be (rule 14).
 *
 * A retry starts at the first row with its attempt in the fence, so an iterator need not give the same list twice (rule 17); rows
 * that it gives again are not touched.
 */
export async function commitExpansions(database: Database, commit: ExpansionCommit): Promise<ExpansionCommitResult> {
  const result = await tryCommit(database, commit)
  if (result instanceof RowsCrowded) return commitOthers(database, commit, result.parents)
  if (!(result instanceof RowsLocked)) return result
  // somebody is at a row of the view: the others need not wait for him
  if (commit.writes.length === 1) return { ...nothing, accepted: true, locked: commit.writes.map(({ id }) => id) }
  const results: ExpansionCommitResult[] = []
  for (const write of commit.writes) results.push(await commitExpansions(database, { ...commit, writes: [write] }))
  return {
    accepted: results.every(({ accepted }) => accepted),
    locked: results.flatMap(({ locked }) => locked),
    written: results.flatMap(({ written }) => written),
    crowded: results.flatMap(({ crowded }) => crowded),
  }
}

async function commitOthers(database: Database, commit: ExpansionCommit, crowded: ReadonlySet<number>): Promise<ExpansionCommitResult> {
  const writes = commit.writes.filter(({ id }) => !crowded.has(id))
  const others = writes.length ? await commitExpansions(database, { ...commit, writes }) : { ...nothing, accepted: true }
  return { ...others, crowded: [...crowded, ...others.crowded] }
}

/** Thrown inside the transaction, so that it is rolled back. */
class RowsLocked extends Error {}
class RowsCrowded extends Error {
  readonly parents: ReadonlySet<number>
  constructor(parents: readonly number[]) {
    super()
    this.parents = new Set(parents)
  }
}

async function tryCommit(database: Database, commit: ExpansionCommit): Promise<ExpansionCommitResult | RowsLocked | RowsCrowded> {
  try {
    return await database.transaction(async (tx) => {
      const parents = await lockParents(tx, commit)
      if (!parents) return nothing
      const writes = commit.writes.filter(({ id }) => parents.has(id))
      const seenEarly = guards.diffUnderLock ? null : await readChildren(tx, commit.view, withPiece(writes))
      const written = await writeCells(tx, commit, writes)
      const winners = withPiece(writes).filter(({ id }) => written.has(id))
      if (winners.length) await writeChildren(tx, commit, winners, seenEarly ?? (await readChildren(tx, commit.view, winners)))
      return { accepted: true, locked: commit.writes.flatMap(({ id }) => (parents.has(id) ? [] : [id])), written: [...written], crowded: [] }
    })
  } catch (error) {
    if (error instanceof RowsLocked || error instanceof RowsCrowded) return error
    throw error
  }
}

type WriteWithPiece = ExpansionWrite & { readonly piece: ExpansionPiece }

function withPiece(writes: readonly ExpansionWrite[]): readonly WriteWithPiece[] {
  return writes.filter((write): write is WriteWithPiece => write.piece !== null)
}

/** The rows that were locked; null when the leases or the schema are not what they were. */
export async function lockParents(tx: SqlTransaction, { model, owner, tasks, since, writes }: ExpansionCommit): Promise<ReadonlySet<number> | null> {
  const { rows } = await tx.queryArrays({
    ...named(`with held as materialized (select id from vivant.task where id = any($1::bigint[]) and owner = $2::uuid order by id for share),
parents as materialized (select ${quoteName(model.idColumn)} as id from ${quoteName(model.schemaName, model.name)} where ${quoteName(model.idColumn)} = any($3::bigint[]) order by 1 for key share${skipLocked()})
select (select count(*) from held) = cardinality($1::bigint[]) and (select schema_version from vivant."table" where id = ${model.id}) = $4,
  (select array_agg(id) from parents), set_config('vivant.expanding', 'on', true), set_config('vivant.since', $5, true)`),
    values: [tasks, owner, writes.map(({ id }) => id), model.schemaVersion, String(since)],
  })
  const [ok, ids] = rows[0]!
  return ok === true ? new Set(((ids ?? []) as readonly unknown[]).map(Number)) : null
}

/** A text under its own name: tables are renamed, and their texts with them. */
function named(text: string): Pick<Statement, 'name' | 'text'> {
  return { text, name: `expand_${hashName(text)}` }
}

export function skipLocked(): string {
  return guards.skipLocked ? ' skip locked' : ''
}

/** Rows whose cell passed the fence. */
export async function writeCells(tx: SqlTransaction, commit: ExpansionCommit, writes: readonly ExpansionWrite[]): Promise<ReadonlySet<number>> {
  if (!writes.length) return new Set()
  const { rows } = await tx.queryArrays(cellStatement(commit, writes))
  return new Set(rows.map(([id]) => Number(id)))
}

/** With a retry, its task is in the same statement. */
function cellStatement({ model, column, since }: ExpansionCommit, writes: readonly ExpansionWrite[]): Statement {
  const parameters = new Parameters()
  const list = (type: string, values: readonly unknown[]): string => parameters.add(values, `${type}[]`)
  const lists = [
    list(
      'bigint',
      writes.map(({ id }) => id),
    ),
    list(
      'bigint',
      writes.map(({ token }) => token),
    ),
    list(
      'smallint',
      writes.map(({ attempts }) => attempts),
    ),
    list(
      'text',
      writes.map(({ status }) => status),
    ),
    list(
      'bigint',
      writes.map(({ count }) => count),
    ),
    list(
      'uuid',
      writes.map(({ argumentHash }) => argumentHash),
    ),
    parameters.add(
      encodeArray(
        { kind: 'json' },
        writes.map(({ info }) => info),
      ),
      'jsonb[]',
    ),
    list(
      'int',
      writes.map(({ retryDelayMs }) => retryDelayMs && Math.max(1, Math.round(retryDelayMs))),
    ),
  ]
  const retryAt = `statement_timestamp() + i.delay * interval '1 millisecond'`
  const cells = `vivant_data.${quoteName(column.cellTable)}`
  const behind = writes[0]!.behind
  // a run that goes on makes no cell: where there is none, the row was gone meanwhile
  const standing = behind === null ? '' : ` join ${cells} s on s._id = i.id`
  const followers = followUpParts(model, column, parameters, since)
  const text = `with i as materialized (select * from unnest(${lists.join(', ')}) as i(id, token, attempts, status, count, args, info, delay)),
w as (
  insert into ${cells} as c (_id, value, status, version, token, seq, attempts, args, info)
  select i.id, i.count, i.status, ${column.version}, i.token, nextval('vivant.seq'), i.attempts, i.args,
    case when i.delay is null then i.info else coalesce(i.info, '{}') || jsonb_build_object('retryAt', ${retryAt}) end
  from i${standing} order by i.id
  on conflict (_id) do update set value = case when excluded.status = 'error' then c.value else excluded.value end, status = excluded.status,
    version = excluded.version, token = excluded.token, seq = nextval('vivant.seq'), attempts = excluded.attempts, args = excluded.args,
    computed_at = now(), info = excluded.info
  where ${behind === null ? startFence() : continueFence(parameters, behind)}
  returning c._id, c.status
),
${followers.map((follower) => `${follower},\n`).join('')}r as (
  insert into vivant.task (table_id, pool, kind, ids, columns, since, run_at)
  select ${model.id}, ${parameters.add(column.pool, 'text')}, 'retry', array_agg(i.id order by i.id), array[${column.id}], ${parameters.add(since, 'bigint')}, ${retryAt}
  from i join w on w._id = i.id where i.delay is not null group by i.delay
)
select _id${followers.length ? ', (select vivant.wake())' : ''} from w`
  return { ...named(text), values: parameters.values }
}

/** Tasks for the columns of the parent that read its rows in the view (rule 19), when their list is whole: there are more or others now. */
function followUpParts(model: TableModel, column: CellColumn, parameters: Parameters, since: number): readonly string[] {
  const readers = guards.expansionFollows ? model.cells.filter(({ cellInputs }) => cellInputs.includes(column.id)) : []
  const pools = [...new Set(readers.map(({ pool }) => pool))].toSorted()
  return pools.map(
    (pool, index) => `f${index} as (
  insert into vivant.task (table_id, pool, kind, ids, since)
  select ${model.id}, ${quoteText(pool)}, 'fresh', a.ids[n.n:n.n + ${maxIdsPerTask - 1}], ${parameters.add(since, 'bigint')}
  from (select array_agg(_id order by _id) as ids from w where status <> 'partial') a, generate_series(1, cardinality(a.ids), ${maxIdsPerTask}) n(n)
)`,
  )
}

const runOf = (row: string): string => `(${row}.version, ${row}.token, ${row}.attempts)`

function startFence(): string {
  if (!guards.fenceExpansion) return 'true'
  return guards.oneRun ? `${runOf('c')} < ${runOf('excluded')}` : longerFence
}

/** The cell must be as this run has left it: so no list is ever made of two runs, whatever either gives. */
function continueFence(parameters: Parameters, behind: number): string {
  const done = parameters.add(behind, 'bigint')
  if (!guards.fencePieces) return `${done} is not null`
  return guards.oneRun ? `${runOf('c')} = ${runOf('excluded')} and c.status = 'partial' and c.value = ${done}` : `${longerFence} and ${done} is not null`
}

/** What a test shows not to be enough: the longer list wins, whosever it is. */
const longerFence = `(c.version, c.token, c.attempts, coalesce(c.value, 0)) < (excluded.version, excluded.token, excluded.attempts, coalesce(excluded.value, 0))`

async function writeChildren(
  tx: SqlTransaction,
  { view, column }: ExpansionCommit,
  writes: readonly WriteWithPiece[],
  known: ReadonlyMap<number, readonly StandingChild[]>,
): Promise<void> {
  const changes = writes.map(({ id, piece }) => ({ parent: id, ...diffChildren(piece, known.get(id) ?? []) }))
  const made = madeColumns(view, column)
  const [deleted, moved] = [changes.flatMap((change) => change.deleted), changes.flatMap((change) => change.moved)]
  const changed = changes.flatMap((change) => change.changed)
  await lockChildren(tx, view, [...deleted, ...moved.map(({ id }) => id), ...changed.map(({ id }) => id)])
  const table = quoteName(view.schemaName, view.name)
  if (deleted.length) await tx.query({ text: `delete from ${table} where ${quoteName(view.idColumn)} = any($1::bigint[])`, values: [deleted] })
  if (moved.length)
    await tx.query({
      text: `update ${table} t set ${viewColumns.position} = i.pos from unnest($1::bigint[], $2::bigint[]) as i(id, pos) where t.${quoteName(view.idColumn)} = i.id`,
      values: [moved.map(({ id }) => id), moved.map(({ position }) => position)],
    })
  if (changed.length) await tx.query(changeStatement(view, made, changed))
  await insertChildren(tx, view, made, changes)
}

/** The rows of the pieces' places, and those behind them that they may want; by parent. */
async function readChildren(tx: SqlTransaction, view: TableModel, writes: readonly WriteWithPiece[]): Promise<ReadonlyMap<number, readonly StandingChild[]>> {
  const children = new Map<number, StandingChild[]>()
  if (!writes.length) return children
  const { parent, position, content } = viewColumns
  const id = quoteName(view.idColumn)
  const table = quoteName(view.schemaName, view.name)
  // most often the whole list is one piece, and then everything is wanted
  const contents = writes.filter(({ piece }) => !piece.last).flatMap(wantedContents)
  const { rows } = await tx.queryArrays({
    ...named(`select c.id, i.parent, c.pos, c.content
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as i(parent, first, behind, most) cross join lateral (
  select ${id} as id, ${position} as pos, ${content} as content
  from ${table} where ${parent} = i.parent and ${position} >= i.first and ${position} < i.behind order by ${position} limit i.most
) c${
      contents.length
        ? `\nunion all select c.id, o.parent, c.pos, o.content
from unnest($5::bigint[], $6::bigint[], $7::uuid[], $8::bigint[]) as o(parent, behind, content, times) cross join lateral (
  select ${id} as id, ${position} as pos from ${table}
  where ${parent} = o.parent and ${content} = o.content and ${position} >= o.behind order by ${position} limit o.times
) c`
        : ''
    }`),
    values: [
      writes.map((write) => write.id),
      writes.map(({ piece }) => piece.from),
      writes.map(({ piece }) => (piece.last ? Number.MAX_SAFE_INTEGER : endOf(piece))),
      writes.map(({ piece }) => readAtMost(piece)),
      ...(contents.length
        ? [
            contents.map((entry) => entry.parent),
            contents.map((entry) => entry.behind),
            contents.map((entry) => entry.content),
            contents.map(({ times }) => times),
          ]
        : []),
    ],
  })
  for (const [child, owner, pos, hash] of rows) {
    const list = children.get(Number(owner)) ?? []
    list.push({ id: Number(child), position: Number(pos), content: (hash as string).replaceAll('-', '') })
    children.set(Number(owner), list)
  }
  const crowded = writes.filter((write) => write.piece.last && children.get(write.id)?.length === readAtMost(write.piece))
  if (crowded.length) throw new RowsCrowded(crowded.map((write) => write.id))
  return children
}

/** One more than can be compared and deleted at once. */
function readAtMost({ rows, last }: ExpansionPiece): number {
  return last ? rows.length + clearedRows + 1 : Number.MAX_SAFE_INTEGER
}

function endOf({ from, rows }: ExpansionPiece): number {
  return from + rows.length
}

interface WantedContent {
  readonly parent: number
  /** From which place on a row may be taken. */
  readonly behind: number
  readonly content: string
  times: number
}

/** What a piece may want of the rows behind it: of thousands that are equal, no more than it has places. */
function wantedContents({ id, piece }: WriteWithPiece): readonly WantedContent[] {
  const wanted = new Map<string, WantedContent>()
  for (const { content } of piece.rows) {
    const known = wanted.get(content)
    if (known) known.times++
    else wanted.set(content, { parent: id, behind: endOf(piece), content, times: 1 })
  }
  return [...wanted.values()]
}

async function lockChildren(tx: SqlTransaction, view: TableModel, ids: readonly number[]): Promise<void> {
  if (!ids.length) return
  const key = quoteName(view.idColumn)
  const { rowCount } = await tx.query({
    text: `select from ${quoteName(view.schemaName, view.name)} where ${key} = any($1::bigint[]) order by ${key} for update${skipLocked()}`,
    values: [ids],
  })
  if (rowCount !== ids.length) throw new RowsLocked()
}

/** The columns that the iterator makes: those of the record that it gives. */
export function madeColumns(view: TableModel, column: CellColumn): readonly StoredColumn[] {
  const type = column.expression.type
  const names = type.kind === 'array' && type.element.kind === 'record' ? madeOrder(Object.keys(type.element.fields)) : []
  return names.map((name) => view.stored.find((stored) => stored.name === name)!)
}

function changeStatement(view: TableModel, made: readonly StoredColumn[], changed: ChildChanges['changed']): Statement {
  const parameters = new Parameters()
  const lists = made.map((column, index) => {
    const { element, cast } = batchType(column.type)
    const values = parameters.add(
      encodeArray(
        column.type,
        changed.map(({ row }) => row.values[index]),
      ),
      `${element}[]`,
    )
    return { values, set: `${quoteName(column.name)} = i.c${index}${cast ? `::${cast}` : ''}` }
  })
  const ids = parameters.add(
    changed.map(({ id }) => id),
    'bigint[]',
  )
  const contents = parameters.add(
    changed.map(({ row }) => row.content),
    'uuid[]',
  )
  const text = `update ${quoteName(view.schemaName, view.name)} t set ${[`${viewColumns.content} = i.content`, ...lists.map(({ set }) => set)].join(', ')}
from unnest(${[ids, contents, ...lists.map(({ values }) => values)].join(', ')}) as i(${['id', 'content', ...lists.map((_, index) => `c${index}`)].join(', ')})
where t.${quoteName(view.idColumn)} = i.id`
  return { text, values: parameters.values }
}

async function insertChildren(
  tx: SqlTransaction,
  view: TableModel,
  made: readonly StoredColumn[],
  changes: readonly (ChildChanges & { readonly parent: number })[],
): Promise<void> {
  const rows: { readonly parent: number; readonly position: number; readonly row: ExpandedRow }[] = changes.flatMap(({ parent, inserted }) =>
    inserted.map((entry) => ({ parent, ...entry })),
  )
  if (!rows.length) return
  const { parent, position, content } = viewColumns
  const columns = [
    { name: parent, type: { kind: 'int' } as const, values: rows.map((row) => row.parent) },
    { name: position, type: { kind: 'int' } as const, values: rows.map((row) => row.position) },
    { name: content, type: { kind: 'uuid' } as const, values: rows.map(({ row }) => row.content) },
    ...made.map((column, index) => ({ name: column.name, type: column.type, values: rows.map(({ row }) => row.values[index]) })),
  ]
  await insertBatch(tx, view, { columns, rowCount: rows.length }, { returnIds: false, prepared: true })
}

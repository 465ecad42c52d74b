import { parentAttnum } from '../catalog/build-model.ts'
import {
  fanoutPool,
  holderOf,
  isGroupPool,
  logTable,
  maxIdsPerTask,
  revisionTable,
  type CellColumn,
  type StoredColumn,
  type TableModel,
  viewColumns,
} from '../catalog/table-model.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { cellTablesOf } from '../groups/position.ts'
import { storedLogKey } from '../roll-up/log.ts'
import { pgType } from '../value/pg-type.ts'
import { captureDeletedGroups, captureInsertedGroups, captureLostGroups, captureUpdatedGroups } from './capture-groups.ts'

/** What every worker serves, whatever its pools: sweeping and other upkeep. */
export const systemPool = 'system'

/** A stored column that something reads, and the pools that then have work. */
interface WatchedColumn {
  readonly column: StoredColumn
  readonly pools: readonly string[]
  /** Pools of the parent, whose columns read it of the view's rows. */
  readonly above: readonly string[]
}

/**
 * The four trigger functions of a table. What is captured is compiled into their bodies: a catalog row would be read in
 * the snapshot of the user's transaction, which may be older than the declaration. They never raise.
 */
export function captureFunctions(model: TableModel): readonly { readonly event: CaptureEvent; readonly name: string; readonly sql: string }[] {
  return (['insert', 'update', 'delete', 'truncate'] as const).map((event) => {
    const name = quoteName('vivant_data', `capture_${event}_${model.id}`)
    return {
      event,
      name,
      sql: `create or replace function ${name}() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $vivant$
${bodies[event](model)}
$vivant$`,
    }
  })
}

export type CaptureEvent = 'insert' | 'update' | 'delete' | 'truncate'

const bodies: Record<CaptureEvent, (model: TableModel) => string> = {
  insert: insertBody,
  update: updateBody,
  delete: deleteBody,
  truncate: truncateBody,
}

function insertBody(model: TableModel): string {
  const pools = insertPools(model)
  const groups = captureInsertedGroups(model)
  if (!pools.length && !groups.length) return 'begin\n  return null;\nend'
  const capture = (key: string, into: readonly string[]): string => enqueueFresh(model, into, `select n.${key} as id from new_rows n`)
  const key = quoteName(model.idColumn)
  const all = allPools(model)
  // An id that was here before may still have cells in every pool, and an input that comes out as it was would not disturb them.
  // New ids lie above all that were ever updated or deleted, which costs one look at the end of an index.
  const statement =
    all.length === pools.length
      ? `${capture(key, pools)};`
      : `if exists (select from new_rows n where n.${key} <= (select max(r._id) from vivant_data.${revisionTable(model.id)} r)) then
      ${capture(key, all)};
    ${
      pools.length
        ? `else
      ${capture(key, pools)};
    `
        : ''
    }end if;`
  const statements = [...(all.length ? [statement] : []), ...groups.map(ended), 'perform vivant.wake();']
  return guarded(model, statements.join('\n    '), [...(all.length ? [capture(keyPlaceholder, all)] : []), ...captureLostGroups(model)])
}

function deleteBody(model: TableModel): string {
  const capture = (key: string): readonly string[] => tombstones(model, `select o.${key} as id from old_rows o`)
  const statements = [...capture(quoteName(model.idColumn)), ...captureDeletedGroups(model), 'perform vivant.wake()']
  return guarded(model, statements.map(ended).join('\n    '), [...capture(keyPlaceholder), ...captureLostGroups(model)])
}

function updateBody(model: TableModel): string {
  const watched = watchedColumns(model)
  const pools = [...new Set(watched.flatMap((entry) => entry.pools))].toSorted()
  const above = [...new Set(watched.flatMap((entry) => entry.above))].toSorted()
  const key = quoteName(model.idColumn)
  const groups = captureUpdatedGroups(model, differs)
  return guarded(
    model,
    [`${captureMovedIds(model, key)}${watched.length ? captureChanges(model, watched, pools, key) : ''}`, ...groups.map(wakingIfFound)].join('\n    '),
    // everything of these rows counts as changed
    watched.length
      ? [
          `insert into vivant_data.${revisionTable(model.id)} as r (_id, attnum, rev)
    select c.id, a.attnum, ${nextRevision(model, 'a.attnum')}
    from (select distinct n.${keyPlaceholder} as id from new_rows n) c cross join (values ${watched.map(({ column }) => `(${column.attnum}::smallint)`).join(', ')}) a(attnum)
    order by c.id, a.attnum
    ${revise(model)}`,
          ...(pools.length ? [enqueueFresh(model, pools, `select distinct n.${keyPlaceholder} as id from new_rows n`)] : []),
          ...(above.length ? captureAboveAll(model, watched, above) : []),
          ...captureLostGroups(model),
        ]
      : [],
  )
}

/** Ids that changed are a delete of the old and an insert of the new one; nothing is raised. */
function captureMovedIds(model: TableModel, key: string): string {
  const pools = allPools(model)
  const arrived = `select distinct n.${key} as id from new_rows n where not exists (select from old_rows o where o.${key} = n.${key})`
  return `if exists (select from old_rows o where not exists (select from new_rows n where n.${key} = o.${key})) then
      ${tombstones(model, `select o.${key} as id from old_rows o where not exists (select from new_rows n where n.${key} = o.${key})`).join(';\n      ')};
      ${pools.length ? `${enqueueFresh(model, pools, arrived)};` : ''}
      perform vivant.wake();
    end if;
    `
}

function captureChanges(model: TableModel, watched: readonly WatchedColumn[], pools: readonly string[], key: string): string {
  const flag = (column: StoredColumn): string => `c${column.attnum}`
  const poolHit = (pool: string, poolsOf: (entry: WatchedColumn) => readonly string[]): string =>
    watched
      .filter((entry) => poolsOf(entry).includes(pool))
      .map((entry) => `c.${flag(entry.column)}`)
      .join(' or ')
  const above = [...new Set(watched.flatMap((entry) => entry.above))].toSorted()
  const lists = [
    ...pools.map((pool) => `array_agg(c.id order by c.id) filter (where ${poolHit(pool, (entry) => entry.pools)})`),
    ...above.map((pool) => `array_agg(distinct c.parent order by c.parent) filter (where ${poolHit(pool, (entry) => entry.above)})`),
  ]
  const targets = [...pools.map((pool) => ({ pool, table: model })), ...above.map((pool) => ({ pool, table: model.view!.parent }))]
  const parent = above.length ? `, n.${viewColumns.parent} as parent` : ''
  return `with changed as materialized (
      select n.${key} as id${parent}, ${watched.map(({ column }) => `bool_or(${differs(column)}) as ${flag(column)}`).join(', ')}
      from new_rows n join old_rows o on o.${key} = n.${key}
      where ${watched.map(({ column }) => differs(column)).join(' or ')}
      -- a row can be there twice: one statement, two foreign keys that cascade
      group by n.${key}${parent && `, n.${viewColumns.parent}`}
    ), revised as (
      insert into vivant_data.${revisionTable(model.id)} as r (_id, attnum, rev)
      select c.id, v.attnum, ${nextRevision(model, 'v.attnum')}
      from changed c cross join lateral (values ${watched.map(({ column }) => `(${column.attnum}::smallint, c.${flag(column)})`).join(', ')}) v(attnum, hit)
      where v.hit${guards.revisionOnUpdate ? '' : ' and false'}
      order by c.id, v.attnum
      ${revise(model)}
    )${above.length ? `, ${loggedChanges(model, watched, flag)}` : ''}
    ${
      targets.length === 0
        ? noTasks
        : insertTasks(
            model,
            'fresh',
            `select ${lists.map((list, index) => `${list} as ids${index}`).join(', ')} from changed c`,
            targets.map(({ pool, table }, index) => ({ pool, table, ids: `a.ids${index}` })),
          )
    };
    if found then
      perform vivant.wake();
    end if;`
}

/**
 * A row of a view whose parent's id changes has other inputs than before, and what their revisions come to may be less: the token must grow
 * all the same, or what is computed from now on would lose to what stands. So each such change counts more than any sum of revisions.
 */
const movedRevision = String(2 ** 40)

function nextRevision({ view, stored }: TableModel, attnum: string): string {
  return view ? `case ${attnum} when ${parentAttnum({ stored })} then ${movedRevision} else nextval('vivant.seq') end` : `nextval('vivant.seq')`
}

function revise({ view, stored }: TableModel): string {
  const revision = view ? `case r.attnum when ${parentAttnum({ stored })} then r.rev + excluded.rev else excluded.rev end` : 'excluded.rev'
  return `on conflict (_id, attnum) do update set rev = ${revision}`
}

/** An entry in the view's log for each parent and column (rule 19). */
function loggedChanges(model: TableModel, watched: readonly WatchedColumn[], flag: (column: StoredColumn) => string): string {
  const entries = watched.filter(({ above }) => above.length).map(({ column }) => `(${storedLogKey(column.attnum)}, c.${flag(column)})`)
  return `logged as (
      insert into vivant_data.${logTable(model.id)} (_id, key, n)
      select distinct c.parent, v.key, 1 from changed c cross join lateral (values ${entries.join(', ')}) v(key, hit) where v.hit
    )`
}

/** Where it is not known what changed: all that the parent reads of these rows. */
function captureAboveAll(model: TableModel, watched: readonly WatchedColumn[], pools: readonly string[]): readonly string[] {
  const keys = watched.filter(({ above }) => above.length).map(({ column }) => `(${storedLogKey(column.attnum)})`)
  const parents = `select distinct n.${viewColumns.parent} as id from new_rows n`
  return [
    `insert into vivant_data.${logTable(model.id)} (_id, key, n) select p.id, v.key, 1 from (${parents}) p cross join (values ${keys.join(', ')}) v(key)`,
    enqueueFresh(model, pools, parents, model.view!.parent),
  ]
}

function differs(column: StoredColumn): string {
  return `${compared('n', column)} is distinct from ${compared('o', column)}`
}

function ended(statement: string): string {
  return `${statement.replace(/;$/u, '')};`
}

function wakingIfFound(statement: string): string {
  return `${ended(statement)}\n    if found then\n      perform vivant.wake();\n    end if;`
}

/** Where the name of the id column goes when it is known only at run time. */
const keyPlaceholder = '%1$I'

/**
 * A renamed or dropped column must never fail the user's statement: the fallback works with the id column alone, found by
 * its attnum, and records the drift, so that a worker makes this function again.
 */
function guarded(model: TableModel, capture: string, fallback: readonly string[]): string {
  return `begin
  begin
    ${capture}
  exception when undefined_column or undefined_table then
    ${fallback
      .map(
        (statement) =>
          `execute format(${quoteText(formatText(statement))}, (select attname from pg_attribute where attrelid = ${model.relation}::oid and attnum = ${model.idAttnum}));`,
      )
      .join('\n    ')}
    insert into vivant.operation (table_id, kind) values (${model.id}, 'drift');
    perform vivant.wake();
  end;
  return null;
end`
}

/** Cells go at once, in the order in which workers lock them; the versions rise, so that what a worker loaded before is never written. */
function truncateBody(model: TableModel): string {
  if (!model.cells.length) return 'begin\n  return null;\nend'
  return `begin
  truncate ${model.cells
    .flatMap(cellTablesOf)
    .map((table) => `vivant_data.${quoteName(table)}`)
    .join(', ')};
  update vivant."column" set version = version + 1 where table_id = ${model.id} and cell_table is not null;
  update vivant."table" set schema_version = schema_version + 1 where id = ${model.id};
  return null;
end`
}

/** The text of a statement for `format`, where every other percent sign is itself. */
function formatText(statement: string): string {
  return statement.replaceAll('%', '%%').replaceAll(`%${keyPlaceholder}`, keyPlaceholder)
}

/** A revision of the whole row (attnum 0), which counts into every token of the id: should it come back, its old cells are stale. */
function tombstones(model: TableModel, ids: string): readonly string[] {
  return [
    `insert into vivant_data.${revisionTable(model.id)} as r (_id, attnum, rev)
    select d.id, 0, nextval('vivant.seq') from (select distinct id from (${ids}) gone) d${guards.tombstone ? '' : ' where false'} order by d.id
    on conflict (_id, attnum) do update set rev = excluded.rev`,
    insertTasks(model, 'sweep', `select array_agg(distinct g.id order by g.id) as ids from (${ids}) g`, [{ pool: systemPool, table: model, ids: 'a.ids' }]),
  ]
}

function enqueueFresh(model: TableModel, pools: readonly string[], ids: string, table: TableModel = model): string {
  const gathered = `select array_agg(s.id order by s.id) as ids from (${ids}) s`
  return insertTasks(
    model,
    'fresh',
    gathered,
    pools.map((pool) => ({ pool, table, ids: 'a.ids' })),
  )
}

interface TaskTarget {
  readonly pool: string
  /** The table whose rows are to be looked at. */
  readonly table: TableModel
  readonly ids: string
}

/** Tasks of ascending ids. They are gathered into one array and cut: numbering the rows took three times as long. */
function insertTasks(model: TableModel, kind: 'fresh' | 'sweep', gathered: string, targets: readonly TaskTarget[]): string {
  // what follows from an expansion is waited for by who waits for the expansion
  const since = model.view ? [', since', `, coalesce(nullif(current_setting('vivant.since', true), '')::bigint, nextval('vivant.seq'))`] : ['', '']
  return `insert into vivant.task (table_id, pool, kind, ids${since[0]})
    select p.table_id, p.pool, '${kind}', p.ids[f.n:f.n + ${maxIdsPerTask - 1}]${since[1]}
    from (${gathered}) a cross join lateral (values ${targets.map(({ pool, table, ids }) => `(${table.id}, ${quoteText(pool)}::text, ${ids})`).join(', ')}) p(table_id, pool, ids),
      generate_series(1, cardinality(p.ids), ${maxIdsPerTask}) f(n)`
}

/** Pools with a column that can begin at once: one without an input from another pool. The others follow from its commit. */
function insertPools(model: TableModel): readonly string[] {
  const starters = rowCells(model).filter((column) => column.cellInputs.every((input) => isSettledBefore(model, column, input)))
  return [...new Set(starters.map((column) => column.pool))].toSorted()
}

/** An input of the same pool comes with it; an ancestor's may be there already, and if it comes later it fans out. */
function isSettledBefore(model: TableModel, column: CellColumn, input: number): boolean {
  const { level, column: cell } = holderOf(model, input)
  return level > 0 || cell.pool === column.pool
}

function allPools(model: TableModel): readonly string[] {
  return [...new Set(rowCells(model).map((column) => column.pool))].toSorted()
}

/** Those whose work is known by rows. */
function rowCells(model: TableModel): readonly CellColumn[] {
  return model.cells.filter((column) => !isGroupPool(column.pool))
}

/** The end of a statement of which nothing but its parts is wanted. */
const noTasks = 'insert into vivant.task (table_id, pool, kind, ids) select 0, null, null, null from changed limit 0'

function watchedColumns(model: TableModel): readonly WatchedColumn[] {
  const poolsOf = ({ attnum }: StoredColumn): readonly string[] => [
    ...rowCells(model).flatMap((cell) => (cell.storedInputs.includes(attnum) ? [cell.pool] : [])),
    ...(model.readers.some(({ stored }) => stored.includes(attnum)) ? [fanoutPool] : []),
  ]
  const aboveOf = ({ attnum }: StoredColumn): readonly string[] =>
    guards.logChildren ? model.rolledUp.flatMap(({ column, rollUp }) => (rollUp.stored.includes(attnum) ? [column.pool] : [])) : []
  // what only histories read has no pool, but revisions like the others
  const isRead = ({ attnum }: StoredColumn): boolean => model.cells.some((cell) => cell.storedInputs.includes(attnum))
  const sorted = (pools: readonly string[]): readonly string[] => [...new Set(pools)].toSorted()
  return model.stored
    .map((column) => ({ column, pools: sorted(poolsOf(column)), above: sorted(aboveOf(column)) }))
    .filter(({ column, pools, above }) => pools.length + above.length > 0 || isRead(column))
}

/** Text is compared by its bytes: a collation may call different texts equal. So are structures: `json` has no equality. */
function compared(alias: string, column: StoredColumn): string {
  const name = `${alias}.${quoteName(column.name)}`
  if (pgType(column.type) === 'jsonb') return `${name}::text`
  return textKinds.has(column.type.kind) ? `${name} collate "C"` : name
}
const textKinds: ReadonlySet<string> = new Set(['text', 'enum', 'image', 'video', 'audio', 'document', 'file'])

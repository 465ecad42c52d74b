import { clauseNodes, type ExpressionNode } from '@vivant/core'
import { sql } from 'kysely'
import type { CellColumn } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import { collated, isNeverNull, list, orderBy, page, sorted, where } from './clause-sql.ts'
import { compileDistinct, compileDistinctOn } from './compile-distinct.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import { GroupStage } from './group-stage.ts'
import { afterCondition } from './keyset.ts'
import { nearnessOf } from './nearness.ts'
import { QueryContext, readCells } from './query-context.ts'
import type { QuerySource, QuerySpec } from './query-spec.ts'
import { sampleCondition, sampleHash } from './sample-rows.ts'
import { maxJoinedCells } from './source-context.ts'
import type { Stage } from './stage.ts'

export type QuerySources = readonly [QuerySource, ...QuerySource[]]

/** A query as one statement. */
export interface CompiledQuery {
  readonly statement: CompiledStatement
  /** The first output is the distance to what is searched for; a row where it is null is no neighbour, and such rows come last. */
  readonly leadsWithDistance: boolean
  /** It takes longer to plan than to run, and its plan hardly hangs on its values. */
  readonly isReusable: boolean
}

/**
 * A query as one statement, that lists its columns and joins only the cell tables that are filtered, sorted or selected by. With
 * a limit and more cell tables than the planner orders quickly it finds the ids first and then looks the cells up.
 *
 * A query sorted by nearness is compiled to an exact search: its sort key is one that no HNSW index serves.
 *
 * @example
 * select t."title", c17.value from "public"."videos" t left join vivant_data."cell_17" c17 on c17._id = t."_id" where …
 */
export function compileQuery(spec: QuerySpec, sources: QuerySources): CompiledQuery {
  const leadsWithDistance = nearnessOf(spec) !== null
  if (isStaged(spec)) return { statement: compileStatement(compileStaged(spec, sources)), leadsWithDistance, isReusable: false }
  const level = new QueryContext(sources)
  const { keys, body } = rowBody(spec, sources, level)
  const outputs = [...(leadsWithDistance ? keys.slice(0, 1) : []), ...spec.select.map((node) => level.compile(node))]
  const isOneLevel = spec.limit === null || (!leadsWithDistance && level.cellCount <= maxJoinedCells)
  const statement = isOneLevel
    ? sql`select ${list(outputs)}${body()}${sorted(keys, spec.orderBy, neverNullIn(sources))}${page(spec)}`
    : idsFirst(spec, sources, leadsWithDistance)
  return { statement: compileStatement(statement), leadsWithDistance, isReusable: !isOneLevel && !leadsWithDistance }
}

/** How many rows the query gives. */
export function compileCount(spec: QuerySpec, sources: QuerySources): CompiledStatement {
  if (isStaged(spec)) return compileStatement(sql`select count(*) from (${compileStaged(spec, sources)}) r`)
  const level = new QueryContext(sources)
  // without a search or a place the order does not matter
  const ordered = nearnessOf(spec) === null && spec.after === null ? { ...spec, orderBy: [] } : spec
  const { keys, body } = rowBody({ ...ordered, ready: false }, sources, level, readBy(spec, sources))
  const [distance] = nearnessOf(spec) === null ? [] : keys
  if (distance !== undefined) {
    const order = sorted(keys, spec.orderBy, neverNullIn(sources))
    return compileStatement(sql`select count(*) from (select ${distance} as _o0${body()}${order}${page(spec)}) r where r._o0 is not null`)
  }
  const isPaged = spec.limit !== null || spec.offset > 0
  return compileStatement(isPaged ? sql`select count(*) from (select${body()}${page(spec)}) r` : sql`select count(*)${body()}`)
}

/** The rows that the conditions leave, for the planner's estimate of how many they are. */
export function compileFilter(spec: QuerySpec, sources: QuerySources): Fragment {
  const level = new QueryContext(sources)
  const { conditions } = clauses(spec, sources, level)
  return sql`select${from(level)}${where(conditions)}`
}

/** Whether the results are made of the rows in more than one step. */
function isStaged({ groupBy, distinct, distinctOn }: QuerySpec): boolean {
  return groupBy !== null || distinct || distinctOn.length > 0
}

/** A statement of a query inside another, or of one in more than one step. */
export function compileStaged(spec: QuerySpec, sources: QuerySources, outer?: QueryContext): Fragment {
  const rows = new QueryContext(sources, { outer })
  // the place is one among the results
  const { body } = rowBody(isStaged(spec) ? { ...spec, orderBy: [], after: null } : spec, sources, rows, readBy(spec, sources), outer)
  const stage: Stage = spec.groupBy === null ? { compile: (node) => rows.compile(node), body } : new GroupStage(rows, spec, body)
  if (spec.distinct) return compileDistinct(spec, stage)
  if (spec.distinctOn.length > 0) return compileDistinctOn(spec, stage)
  const outputs = spec.select.map((node) => stage.compile(node))
  const keys = spec.orderBy.map(({ node }) => collated(node, stage.compile(node)))
  return sql`select ${list(outputs)}${stage.body()}${sorted(keys, spec.orderBy, neverNullIn(sources))}${page(spec)}`
}

interface RowBody {
  readonly keys: readonly Fragment[]
  /** What stands after the outputs, up to the order; to be called when everything else is compiled. */
  readonly body: () => Fragment
}

/** The rows that a query is about: those that the conditions leave, or so many of them. */
function rowBody(
  spec: QuerySpec,
  sources: QuerySources,
  level: QueryContext,
  read: readonly ReadCell[] = readBy(spec, sources),
  outer?: QueryContext,
): RowBody {
  const { sample } = spec
  if (sample === null || sample.count === null) {
    const { conditions, keys } = clauses(spec, sources, level, read)
    return { keys, body: () => sql`${from(level)}${where(conditions)}` }
  }
  const all = new QueryContext(sources, { outer })
  const { conditions } = clauses({ ...spec, after: null }, sources, all, read)
  const keys = spec.orderBy.map(({ node }) => collated(node, level.compile(node)))
  const order = list([sampleHash(sample, all), ...all.rowIds])
  const drawn = sql`(select ${list(all.ids())}${from(all)}${where(conditions)}\norder by ${order}\nlimit ${sample.count}::int8) s`
  return { keys, body: () => sql`\nfrom ${level.tablesById('s', drawn)}${where(afterCondition(spec, keys, neverNullIn(sources)))}` }
}

export interface Clauses {
  readonly conditions: readonly Fragment[]
  readonly keys: readonly Fragment[]
}

/** The conditions and sort keys, compiled in a level; `ready()` adds those of the cells that are read, and a search its own. */
export function clauses(spec: QuerySpec, sources: QuerySources, level: QueryContext, read: readonly ReadCell[] = readBy(spec, sources)): Clauses {
  const nearness = nearnessOf(spec)
  const conditions = spec.where.map((node) => level.compile(node))
  const keys = spec.orderBy.map(({ node }) => collated(node, level.compile(node)))
  const searched = nearness?.columns.map((column) => sql`(${level.compile(column)} is not null)`) ?? []
  const isLateral = spec.limit !== null && read.length > maxJoinedCells
  const ready = read.map(({ source, cell }) => level.of(source).ready(cell, isLateral))
  const place = afterCondition(spec, keys, neverNullIn(sources))
  return { conditions: [...searched, ...conditions, ...sampleCondition(spec.sample, level), ...ready, ...place], keys }
}

/** A cell of one of the query's tables. */
export interface ReadCell {
  readonly source: number
  readonly cell: CellColumn
}

/** The cells that must be ready. */
export function readBy(spec: QuerySpec, sources: QuerySources): readonly ReadCell[] {
  return spec.ready ? cellsRead(spec, sources) : []
}

/** The cells that the query reads, in any clause and of any of its tables. */
export function cellsRead(spec: QuerySpec, sources: QuerySources): readonly ReadCell[] {
  const nodes = [...clauseNodes(spec), ...sources.flatMap(({ join }) => (join ? [join.on] : []))]
  return sources.flatMap((source) => readCells(source, nodes).map((cell) => ({ source: source.source, cell })))
}

/** Finds ids and sort keys, materialised, then looks up what the rows give: planning stays cheap however many cells there are. */
function idsFirst(spec: QuerySpec, sources: QuerySources, leadsWithDistance: boolean): Fragment {
  const inner = new QueryContext(sources)
  const { keys, body } = rowBody(spec, sources, inner)
  const [{ model }] = sources
  if (sources.length > 1) return joinedIdsFirst(spec, sources, { inner, keys, body, leadsWithDistance })
  const found = (columns: readonly Fragment[]): Fragment => sql`select ${list(columns)}${body()}${orderBy(keys, spec.orderBy, model)}${page(spec)}`
  return lookUp(spec, sources, { found, keys, leadsWithDistance, rest: sql`${orderBy(keyNames(keys), spec.orderBy, model)}` })
}

/** The same over several tables, each of which is found again by its id. */
function joinedIdsFirst(
  spec: QuerySpec,
  sources: QuerySources,
  { inner, keys, body, leadsWithDistance }: RowBody & { readonly inner: QueryContext; readonly leadsWithDistance: boolean },
): Fragment {
  const outer = new QueryContext(sources, { lateral: true })
  const selected = spec.select.map((node) => outer.compile(node))
  const names = keys.map((_key, index) => sql.raw(`k._o${index}`))
  const named = keys.map((key, index) => sql`${key} as ${sql.raw(`_o${index}`)}`)
  const order = (terms: readonly Fragment[]): Fragment => sorted(terms, spec.orderBy, neverNullIn(sources))
  const outputs = [...(leadsWithDistance ? names.slice(0, 1) : []), ...selected]
  return sql`with k as materialized (\nselect ${list([...inner.ids(), ...named])}${body()}${order(keys)}${page(spec)}\n)
select ${list(outputs)}\nfrom ${outer.tablesById('k')}${order(names)}`
}

export interface FoundRows {
  /** The statement that finds the rows, given the outputs that are wanted of it, and which columns of the table are among them. */
  readonly found: (columns: readonly Fragment[], stored: readonly string[]) => Fragment
  readonly keys: readonly Fragment[]
  readonly leadsWithDistance: boolean
  /** What comes after the joins: a condition, the order, the page. */
  readonly rest: Fragment
  readonly extra?: readonly Fragment[]
}

/** The second level: the found rows, under the name of their table, with the cells of what is selected. */
export function lookUp(spec: QuerySpec, sources: QuerySources, { found, keys, leadsWithDistance, rest, extra = [] }: FoundRows): Fragment {
  const outer = new QueryContext(sources, { lateral: true })
  const { model } = sources[0]
  const selected = spec.select.map((node) => outer.compile(node))
  const joins = outer.root.joins()
  const stored = [...new Set([model.idColumn, ...outer.root.stored])]
  const named = keys.map((key, index) => sql`${key} as ${sql.raw(`_o${index}`)}`)
  const outputs = [...(leadsWithDistance ? [sql.raw('t._o0')] : []), ...extra, ...selected]
  return sql`with k as materialized (\n${found([...stored.map((name) => sql.raw(`t.${quoteName(name)}`)), ...named], stored)}\n)\nselect ${list(outputs)}\nfrom k t${joins}${rest}`
}

/** The keys as the second level sees them. */
export function keyNames(keys: readonly Fragment[]): readonly Fragment[] {
  return keys.map((_key, index) => sql.raw(`t._o${index}`))
}

export function from(level: QueryContext): Fragment {
  return sql`\nfrom ${level.tables()}`
}

/** Whether a sort key has no null in any row of these tables. */
export function neverNullIn(sources: QuerySources): (node: ExpressionNode) => boolean {
  return (node) => {
    const source = node.node === 'column' ? sources.find((entry) => entry.source === node.source) : undefined
    return source !== undefined && source.join?.kind !== 'left' && isNeverNull(node, source.model)
  }
}

import { type ExpressionNode, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { type CellColumn, findColumn, type TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import { nearnessOf } from './nearness.ts'
import { QueryContext, readCells } from './query-context.ts'
import type { OrderKey, QuerySource, QuerySpec } from './query-spec.ts'
import { maxJoinedCells } from './source-context.ts'

export type QuerySources = readonly [QuerySource, ...QuerySource[]]

/** A query as one statement. */
export interface CompiledQuery {
  readonly statement: CompiledStatement
  /** The first output is the distance to what is searched for; a row where it is null is no neighbour, and such rows come last. */
  readonly leadsWithDistance: boolean
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
  const level = new QueryContext(sources)
  const parts = clauses(spec, sources, level)
  const outputs = [...(leadsWithDistance ? parts.keys.slice(0, 1) : []), ...spec.select.map((node) => level.compile(node))]
  const isOneLevel = spec.limit === null || (!leadsWithDistance && level.root.cellCount <= maxJoinedCells)
  const statement = isOneLevel
    ? sql`select ${list(outputs)}${from(level)}${where(parts.conditions)}${orderBy(parts.keys, spec.orderBy, sources[0].model)}${page(spec)}`
    : idsFirst(spec, sources, leadsWithDistance)
  return { statement: compileStatement(statement), leadsWithDistance }
}

/** How many rows the query gives. */
export function compileCount(spec: QuerySpec, sources: QuerySources): CompiledStatement {
  const level = new QueryContext(sources)
  const { conditions, keys } = clauses(spec, sources, level)
  const neighbours = nearnessOf(spec) === null ? [] : keys.slice(0, 1).map((key) => sql`(${key} is not null)`)
  const rows = sql`${from(level)}${where([...conditions, ...neighbours])}`
  const isPaged = spec.limit !== null || spec.offset > 0
  return compileStatement(isPaged ? sql`select count(*) from (select${rows}${page(spec)}) r` : sql`select count(*)${rows}`)
}

/** The rows that the conditions leave, for the planner's estimate of how many they are. */
export function compileFilter(spec: QuerySpec, sources: QuerySources): Fragment {
  const level = new QueryContext(sources)
  const { conditions } = clauses(spec, sources, level)
  return sql`select${from(level)}${where(conditions)}`
}

export interface Clauses {
  readonly conditions: readonly Fragment[]
  readonly keys: readonly Fragment[]
}

/** The conditions and sort keys, compiled in a level; `ready()` adds those of the cells that are read, and a search its own. */
export function clauses(spec: QuerySpec, sources: QuerySources, level: QueryContext, read: readonly CellColumn[] = readBy(spec, sources)): Clauses {
  const nearness = nearnessOf(spec)
  const conditions = spec.where.map((node) => level.compile(node))
  const keys = spec.orderBy.map(({ node }) => sortKey(node, level))
  const searched = nearness?.columns.map((column) => sql`(${level.compile(column)} is not null)`) ?? []
  const isLateral = spec.limit !== null && read.length > maxJoinedCells
  return { conditions: [...searched, ...conditions, ...read.map((cell) => level.root.ready(cell, isLateral))], keys }
}

/** The cells that must be ready. */
export function readBy(spec: QuerySpec, [source]: QuerySources): readonly CellColumn[] {
  return spec.ready ? readCells(source, [...spec.where, ...spec.orderBy.map(({ node }) => node), ...spec.select]) : []
}

/** Finds ids and sort keys, materialised, then looks up what the rows give: planning stays cheap however many cells there are. */
function idsFirst(spec: QuerySpec, sources: QuerySources, leadsWithDistance: boolean): Fragment {
  const inner = new QueryContext(sources)
  const { conditions, keys } = clauses(spec, sources, inner)
  const [{ model }] = sources
  const found = (columns: readonly Fragment[]): Fragment =>
    sql`select ${list(columns)}${from(inner)}${where(conditions)}${orderBy(keys, spec.orderBy, model)}${page(spec)}`
  return lookUp(spec, sources, { found, keys, leadsWithDistance, rest: sql`${orderBy(keyNames(keys), spec.orderBy, model)}` })
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

export function list(fragments: readonly Fragment[]): Fragment {
  return sql.join(fragments, sql.raw(', '))
}

export function from(level: QueryContext): Fragment {
  const { model } = level.root
  return sql`\nfrom ${sql.raw(quoteName(model.schemaName, model.name))} t${level.root.joins()}`
}

export function where(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? sql`` : sql`\nwhere ${sql.join(conditions, sql` and `)}`
}

/** Nulls last in both directions; not said of a column that has none, so that its index serves both. */
export function orderBy(keys: readonly Fragment[], order: readonly OrderKey[], model: TableModel): Fragment {
  if (keys.length === 0) return sql``
  const terms = keys.map((key, index) => {
    const { node, direction } = order[index] ?? missingKey()
    return sql`${key} ${sql.raw(direction)}${sql.raw(direction === 'asc' || isNeverNull(node, model) ? '' : ' nulls last')}`
  })
  return sql`\norder by ${list(terms)}`
}

export function page({ limit, offset }: Pick<QuerySpec, 'limit' | 'offset'>): Fragment {
  return sql`${limit === null ? sql`` : sql`\nlimit ${limit}::int8`}${offset === 0 ? sql`` : sql`\noffset ${offset}::int8`}`
}

/** Text by code point. A parenthesised constant: a bare one would be read as the number of an output. */
function sortKey(node: ExpressionNode, level: QueryContext): Fragment {
  const key = level.compile(node)
  return node.type.kind === 'text' || node.type.kind === 'enum' ? sql`(${key} collate "C")` : key
}

function isNeverNull(node: ExpressionNode, model: TableModel): boolean {
  if (node.node !== 'column') return false
  if (node.column === '_id') return true
  const column = findColumn(model, node.column)
  return column?.kind === 'stored' && !column.nullable
}

function missingKey(): never {
  throw new VivantError('EXPRESSION_INVALID', 'A sort key is missing.')
}

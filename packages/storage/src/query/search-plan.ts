import type { VectorMetric } from '@vivant/core'
import { sql } from 'kysely'
import { findColumn, type TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import { maxEfSearch, visits } from './compile-neighbours.ts'
import { compileFilter, type QuerySources } from './compile-query.ts'
import { PlanFacts } from './plan-facts.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import { isFiltered } from './is-filtered.ts'
import { nearnessOf, type SearchTarget } from './nearness.ts'
import type { QuerySpec } from './query-spec.ts'

/** How neighbours are found, and why so. Both give exactly min(limit, matching) rows; `exact` also exactly the right ones. */
export type SearchPlan = ExactPlan | IndexPlan

export interface ExactPlan {
  readonly plan: 'exact'
  readonly reason: string
}

export interface IndexPlan {
  readonly plan: 'hnsw'
  readonly reason: string
  /** How many of the nearest rows the index is asked for: first, and again when too few of them match. After the last comes exact search. */
  readonly attempts: readonly number[]
}

/** Rows that exact search compares in the time in which the HNSW index looks at one (30,000 rows of 64 dimensions: 10 µs a visit, 2 µs a comparison). */
const exactPerVisit = 5
/** Where the index would give more rows than it does in the right order, exact search is worth waiting for up to so many. */
const patience = 20 * maxEfSearch
/**
 * The widest look at a filter that hangs together with the vectors, so that few of the nearest match: what the index still gives in
 * order (recall@10 among 100,000 rows in 500 clusters, a filter of 150 of them: 0.98; with twice as many 0.97, with more 0.91).
 */
const widest = maxEfSearch / 2

/**
 * Chooses between the HNSW index and exact search, by the planner's estimate of how many rows the filter leaves. What was found out
 * lately stands in `known`.
 */
export async function planSearch(client: SqlClient, spec: QuerySpec, sources: QuerySources, known: PlanFacts = new PlanFacts()): Promise<SearchPlan> {
  const target = nearnessOf(spec)?.target ?? null
  if (target === null) return { plan: 'exact', reason: 'what is searched for is another in each row, or no vector' }
  const { limit } = spec
  if (limit === null) return { plan: 'exact', reason: 'without a limit every row is sorted' }
  const [{ model }] = sources
  const place = vectorPlace(model, target)
  if (place === null || !(await known.get(`index ${place.table} ${place.column} ${target.metric}`, () => hasIndex(client, place, target.metric)))) {
    return { plan: 'exact', reason: `'${target.column.column}' has no HNSW index for the metric ${target.metric}` }
  }
  const total = await known.get(`rows ${place.table} ${place.column}`, () =>
    estimate(client, compileStatement(sql`select from ${sql.raw(place.table)} where ${sql.raw(place.column)} is not null`)),
  )
  const matching = Math.min(total, await matchingRows(client, known, spec, sources, total))
  const needed = neededCandidates(spec, limit)
  const first = Math.ceil((needed * total) / Math.max(matching, 1))
  const bound = Math.max(exactPerVisit * visits(first, target.metric), isFiltered(spec) && first > maxEfSearch ? patience : 0)
  const seen = `about ${matching} of ${total} rows match`
  if (matching <= bound) return { plan: 'exact', reason: `${seen}, and up to ${bound} are compared one by one` }
  const isWorthAnother = isFiltered(spec) && first < widest && matching > 2 * exactPerVisit * visits(widest, target.metric)
  return { plan: 'hnsw', reason: `${seen}, more than the ${bound} that are compared one by one`, attempts: isWorthAnother ? [first, widest] : [first] }
}

/** How many candidates have to match: some more than are wanted, as with a filter it is by chance how many of them do. */
function neededCandidates(spec: QuerySpec, limit: number): number {
  const wanted = limit + spec.offset
  return isFiltered(spec) ? 2 * wanted + 5 : wanted + 20
}

/** How many rows the conditions leave. That cells are settled is taken for granted: of that the planner has no idea. */
async function matchingRows(client: SqlClient, known: PlanFacts, spec: QuerySpec, sources: QuerySources, total: number): Promise<number> {
  if (spec.where.length === 0) return total
  const filter = compileStatement(compileFilter({ ...spec, select: [], ready: false }, sources))
  return known.get(`rows ${filter.text} ${JSON.stringify(filter.values)}`, () => estimate(client, filter))
}

interface VectorPlace {
  readonly table: string
  readonly column: string
}

/** Where the vectors lie: in a cell table, or in the user's. */
function vectorPlace(model: TableModel, { column: { column } }: SearchTarget): VectorPlace | null {
  const found = findColumn(model, column)
  if (found === undefined || found.kind === 'virtual') return null
  return found.kind === 'stored'
    ? { table: quoteName(model.schemaName, model.name), column: quoteName(column) }
    : { table: `vivant_data.${quoteName(found.cellTable)}`, column: 'value' }
}

const operatorClasses: Readonly<Record<VectorMetric, string>> = { cosine: 'vector_cosine_ops', l2: 'vector_l2_ops', innerProduct: 'vector_ip_ops' }

/** A valid HNSW index over the whole column, made by Vivant or by hand. */
async function hasIndex(client: SqlClient, place: VectorPlace, metric: VectorMetric): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>({
    name: 'vivant_hnsw_index',
    text: `select exists (
  select from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_am m on m.oid = c.relam
  join pg_opclass o on o.oid = i.indclass[0]
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where i.indrelid = $1::regclass and i.indisvalid and i.indpred is null and m.amname = 'hnsw' and o.opcname = $2 and quote_ident(a.attname) = any($3)
) as found`,
    values: [place.table, operatorClasses[metric], [place.column, place.column.replaceAll('"', '')]],
  })
  return rows[0]?.found ?? false
}

/** How many rows the planner expects. */
async function estimate(client: SqlClient, statement: CompiledStatement): Promise<number> {
  const { rows } = await client.queryArrays({ ...statement, text: `explain (format json) ${statement.text}` })
  const [plans] = (rows[0] ?? []) as readonly (readonly ExplainedPlan[])[]
  return plans?.[0]?.Plan['Plan Rows'] ?? 0
}

interface ExplainedPlan {
  readonly Plan: { readonly 'Plan Rows': number }
}

import type { VectorMetric } from '@vivant/core'
import { sql } from 'kysely'
import { findColumn, type TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import { fetchedRows } from './compile-neighbours.ts'
import { compileFilter, type QuerySources } from './compile-query.ts'
import { PlanFacts } from './plan-facts.ts'
import { compileStatement } from './compile-statement.ts'
import { nearnessOf, type SearchTarget } from './nearness.ts'
import type { QuerySpec } from './query-spec.ts'

/** How neighbours are found, and why so. Both give exactly min(limit, matching) rows; `exact` also exactly the right ones. */
export interface SearchPlan {
  readonly plan: 'hnsw' | 'exact'
  readonly reason: string
}

/**
 * Rows that exact search compares in the time in which the HNSW index is read once. With a filter that leaves M of N rows the
 * index must look at k·N/M of them to find k, so the two cost the same where M² is about k·N times this (30,000 rows of 64
 * dimensions: 10 µs a visit, 2 µs a comparison).
 */
const exactPerVisit = 5
/** Below this exact search is as fast as any. */
const fewRows = 300

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
  const total = await estimate(client, known, sql`select from ${sql.raw(place.table)} where ${sql.raw(place.column)} is not null`)
  const isFiltered = spec.where.length > 0 || spec.ready
  const matching = isFiltered ? Math.min(total, await estimate(client, known, compileFilter({ ...spec, select: [] }, sources))) : total
  const bound = Math.round(Math.max(fewRows, Math.sqrt(exactPerVisit * fetchedRows({ ...spec, limit }) * total)))
  const seen = `about ${matching} of ${total} rows match`
  return matching <= bound
    ? { plan: 'exact', reason: `${seen}, and up to ${bound} are compared faster one by one` }
    : { plan: 'hnsw', reason: `${seen}, more than the ${bound} that are compared faster one by one` }
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
async function estimate(client: SqlClient, known: PlanFacts, query: Fragment): Promise<number> {
  const statement = compileStatement(sql`explain (format json) ${query}`)
  return known.get(`rows ${statement.text} ${JSON.stringify(statement.values)}`, async () => {
    const { rows } = await client.queryArrays(statement)
    const [plans] = (rows[0] ?? []) as readonly (readonly ExplainedPlan[])[]
    return plans?.[0]?.Plan['Plan Rows'] ?? 0
  })
}

interface ExplainedPlan {
  readonly Plan: { readonly 'Plan Rows': number }
}

import type { VectorMetric } from '@vivant/core'
import { sql } from 'kysely'
import { quoteName } from '../ddl/quote.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import { pgType } from '../value/pg-type.ts'
import { vectorText } from '../value/vector-text.ts'
import { list, orderBy, page, where } from './clause-sql.ts'
import { clauses, from, keyNames, lookUp, type QuerySources, readBy } from './compile-query.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import { withFoundDistance } from './found-distance.ts'
import { isFiltered } from './is-filtered.ts'
import type { SearchTarget } from './nearness.ts'
import { QueryContext } from './query-context.ts'
import type { OrderKey, QuerySpec } from './query-spec.ts'

/** A search through the HNSW index. Before what is selected each row gives its distance and, where further keys decide ties, the greatest distance among the candidates and how many they were. */
export interface CompiledNeighbours {
  readonly statement: CompiledStatement
  /** How many of the nearest rows the index is asked for. */
  readonly candidates: number
  /** The statement's text hangs on the form of the query alone, so that a server may keep its plan. */
  readonly isReusable: boolean
}

/** How many outputs stand before what is selected. */
export function neighbourOutputs({ orderBy: keys }: Pick<QuerySpec, 'orderBy'>): number {
  return keys.length > 1 ? 3 : 1
}

/** pgvector's greatest `hnsw.ef_search`: as many rows the index gives in the right order, and more only roughly. */
export const maxEfSearch = 1000
/** pgvector's own default is 40. */
const minEfSearch = 100
/** pgvector's own default. */
const maxScanTuples = 20_000

/** By an inner product, which is no distance, the index's graph leads less straight: of 200 rows of 2,880 it missed 41 with 2. */
const visitsPerCandidate: Readonly<Record<VectorMetric, number>> = { cosine: 2, l2: 2, innerProduct: 4 }

/** How many rows are looked at for so many candidates: more of them, as the farther half of what the index looks at lacks some. */
export function visits(candidates: number, metric: VectorMetric): number {
  return Math.max(minEfSearch, visitsPerCandidate[metric] * candidates)
}

const operators: Readonly<Record<VectorMetric, string>> = { cosine: '<=>', l2: '<->', innerProduct: '<#>' }

/**
 * Neighbours by the HNSW index: the nearest rows of all, materialised, and of these the ones that match. A condition inside the
 * index scan would make it go on until enough rows match, and where those lie far off it comes upon some of them before nearer ones:
 * k rows, and the wrong ones. Here too few match then, which shows.
 *
 * @example
 * with k as materialized (
 *   with near as materialized (select t."_id", t."year", t."embedding" <=> (…) as _o0 from "videos" t where … order by _o0 limit 250)
 *   select t."_id", t._o0 from near t where t."year" = 1999 order by t._o0 + 0 limit 10
 * ) select t._o0, … from k t order by t._o0
 */
export function compileNeighbours(
  spec: QuerySpec & { readonly limit: number },
  sources: QuerySources,
  target: SearchTarget,
  candidates: number,
): CompiledNeighbours {
  const found = withFoundDistance(spec, target)
  const [{ model }] = sources
  const matching = new QueryContext(sources, { lateral: true })
  const { conditions, keys } = clauses(found, sources, matching, readBy(spec, sources))
  const byDistance: readonly OrderKey[] = found.orderBy.map((key, index) => (index === 0 ? { ...key, direction: 'asc' } : key))
  // `+ 0`, as the planner takes the candidates to be in order already
  const nearestFirst = (rest: readonly Fragment[]): Fragment => orderBy([sql.raw('t._o0 + 0'), ...rest], byDistance, model)
  const isOneLevel = !isFiltered(spec) && keys.length === 1
  const statement = lookUp(found, sources, {
    found: (columns, stored) =>
      isOneLevel
        ? nearest(sources, target, candidates, stored)
        : sql`with near as materialized (\n${nearest(sources, target, candidates, [...stored, ...matching.root.stored])}\n)
select ${list([...columns, ...tieFacts(keys)])}\nfrom near t${matching.root.joins()}${where([isNear, ...conditions])}${nearestFirst(keys.slice(1))}${page(spec)}`,
    keys,
    leadsWithDistance: true,
    extra: keys.length > 1 ? [sql.raw('t._greatest'), sql.raw('t._candidates')] : [],
    rest: isOneLevel ? sql`${where([isNear])}${nearestFirst([])}${page(spec)}` : nearestFirst(keyNames(keys).slice(1)),
  })
  return { statement: compileStatement(statement), candidates, isReusable: isOneLevel && spec.offset === 0 }
}

/** NaN, the angle to a vector of zeros, is greater than infinity. */
const isNear = sql.raw(`t._o0 > '-Infinity' and t._o0 < 'Infinity'`)

function tieFacts(keys: readonly Fragment[]): readonly Fragment[] {
  return keys.length > 1 ? [sql.raw('(select max(_o0) from near) as _greatest'), sql.raw('(select count(*) from near) as _candidates')] : []
}

/** The nearest rows, in the index's rough order. `is not null` makes the join of the cell table an inner one, without which PostgreSQL does not use the index. */
function nearest(sources: QuerySources, target: SearchTarget, candidates: number, stored: Iterable<string>): Fragment {
  const level = new QueryContext(sources)
  const column = level.compile(target.column)
  const columns = [...new Set([level.root.model.idColumn, ...stored])].map((name) => sql.raw(`t.${quoteName(name)}`))
  const distance = sql`${column} ${sql.raw(operators[target.metric])} ${searchedVector(target, candidates)} as _o0`
  return sql`select ${list([...columns, distance])}${from(level)}${where([sql`(${column} is not null)`])}\norder by _o0\nlimit ${sql.raw(String(candidates))}`
}

/**
 * The vector, and with it the settings of the search: the index scan cannot begin before this has been evaluated, and they end with
 * the statement's transaction. So a search is one round trip, and leaves a connection as it was. `strict_order` would drop what the
 * index meets too late.
 */
function searchedVector({ vector, metric }: SearchTarget, candidates: number): Fragment {
  const visited = visits(candidates, metric)
  const settings: Readonly<Record<string, string | number>> = {
    'hnsw.iterative_scan': 'relaxed_order',
    'hnsw.ef_search': Math.min(maxEfSearch, visited),
    ...(visited > maxScanTuples ? { 'hnsw.max_scan_tuples': visited } : {}),
  }
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', true) is not null`)
  // its JSON form holds the numbers as they were checked
  const text = vector.node === 'literal' ? vectorText(vector.value as readonly number[]) : null
  return sql`(select case when ${sql.raw(set.join(' and '))} then ${text}::${sql.raw(pgType(vector.type))} end)`
}

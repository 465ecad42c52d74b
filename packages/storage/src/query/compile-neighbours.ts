import { decodeJson, type ExpressionNode, type VectorMetric } from '@vivant/core'
import { sql } from 'kysely'
import type { Fragment } from '../expression/sql-operator.ts'
import { encodeValue } from '../value/encode-value.ts'
import { pgType } from '../value/pg-type.ts'
import { clauses, from, keyNames, list, lookUp, orderBy, page, type QuerySources, where } from './compile-query.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import type { SearchTarget } from './nearness.ts'
import { QueryContext } from './query-context.ts'
import type { OrderKey, QuerySpec } from './query-spec.ts'

/** A search through the HNSW index. Before what is selected each row gives its distance and, where further keys decide ties, the greatest distance found and how many were found. */
export interface CompiledNeighbours {
  readonly statement: CompiledStatement
  /** How many rows the index was asked for. */
  readonly fetched: number
  readonly efSearch: number
}

/** How many outputs stand before what is selected. */
export function neighbourOutputs({ orderBy: keys }: Pick<QuerySpec, 'orderBy'>): number {
  return keys.length > 1 ? 3 : 1
}

const operators: Readonly<Record<VectorMetric, string>> = { cosine: '<=>', l2: '<->', innerProduct: '<#>' }

const maxEfSearch = 1000
/** pgvector's own default is 40. */
const minEfSearch = 100

/**
 * How many rows the index is asked for: more than are wanted, as the iterative scan gives them only roughly in order. Much more with
 * a filter, which may leave rows far from what is searched for: the first that the scan comes upon there are not the nearest of them
 * (recall@10 among 30,000 rows in 100 clusters, with a filter that left 10 far ones: 0.80 when 30 were fetched, 0.97 with 110).
 */
export function fetchedRows(spec: QuerySpec & { readonly limit: number }): number {
  const wanted = spec.limit + spec.offset
  const isFiltered = spec.where.length > 0 || spec.ready
  return isFiltered ? Math.max(4 * wanted, wanted + 100) : wanted + 20
}

/**
 * Neighbours by the HNSW index: the nearest in the index's rough order, materialised, then sorted. `is not null` makes the join
 * of the cell table an inner one, without which PostgreSQL does not use the index.
 */
export function compileNeighbours(spec: QuerySpec & { readonly limit: number }, sources: QuerySources, target: SearchTarget): CompiledNeighbours {
  const fetched = fetchedRows(spec)
  const inner = new QueryContext(sources)
  const { conditions, keys } = clauses(spec, sources, inner)
  const { model } = sources[0]
  const distance = sql`${inner.compile(target.column)} ${sql.raw(operators[target.metric])} ${vectorConstant(target.vector)}`
  const byDistance: readonly OrderKey[] = spec.orderBy.map((key, index) => (index === 0 ? { ...key, direction: 'asc' } : key))
  const statement = lookUp(spec, sources, {
    found: (_model, columns) => sql`select ${list(columns)}${from(inner)}${where(conditions)}\norder by ${distance}\nlimit ${fetched}::int8`,
    keys: [distance, ...keys.slice(1)],
    leadsWithDistance: true,
    extra: keys.length > 1 ? [sql.raw('max(t._o0) over ()'), sql.raw('count(*) over ()')] : [],
    // NaN, the angle to a vector of zeros, is greater than infinity. `+ 0`, as the planner takes the rows to be in order already.
    rest: sql`\nwhere t._o0 < 'Infinity'${orderBy([sql.raw('t._o0 + 0'), ...keyNames(keys).slice(1)], byDistance, model)}${page(spec)}`,
  })
  return { statement: compileStatement(statement), fetched, efSearch: Math.min(maxEfSearch, Math.max(minEfSearch, 2 * fetched)) }
}

function vectorConstant(node: ExpressionNode): Fragment {
  const value = node.node === 'literal' ? encodeValue(node.type, decodeJson(node.type, node.value)) : null
  return sql`${value}::${sql.raw(pgType(node.type))}`
}

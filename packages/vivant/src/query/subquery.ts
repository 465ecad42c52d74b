import { type BooleanExpression, createExpression, type ExpressionOf, type Literal, type TypeOfLiteral } from '@vivant/core'
import type { Executable } from './query.ts'
import { TableQueryImpl } from './table-query-impl.ts'

/**
 * Whether a query has a row. It may read the row of the query that it stands in.
 *
 * ```ts
 * videos.where((v) => exists(frames.where((f) => f.video.eq(v._id).and(f.dark))))
 * ```
 * ```sql
 * where exists (select … from "public"."frames" st where (st."video" = t."_id") and …)
 * ```
 */
export function exists(query: Executable<unknown>): BooleanExpression<never> {
  return createExpression(TableQueryImpl.subquery(query, 'exists')) as BooleanExpression<never>
}

/**
 * The one value that the first row of a query gives; null when it has no row. It may read the row of the query that it stands in.
 *
 * ```ts
 * videos.select((v) => ({ title: v.title, last: subquery(frames.where((f) => f.video.eq(v._id)).groupBy(() => ({})).select((_, f) => ({ at: f.at.max() }))) }))
 * ```
 */
export function subquery<V extends Literal>(query: Executable<{ [name: string]: V | null }>): ExpressionOf<TypeOfLiteral<V>, null> {
  return createExpression(TableQueryImpl.subquery(query, 'value')) as ExpressionOf<TypeOfLiteral<V>, null>
}

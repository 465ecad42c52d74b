import type { ExpressionNode, OrderKey } from './node.ts'

/** A query as data, but for its tables: what the builders of the API make, and what becomes a statement or a part of one. */
export interface QueryClauses {
  /** All must be true. */
  readonly where: readonly ExpressionNode[]
  /** Only some of the rows; null: all. */
  readonly sample: SampleClause | null
  /** What a group's rows have in common; one group of all rows when it is empty. Null: the rows themselves. */
  readonly groupBy: readonly ExpressionNode[] | null
  /** Over groups; all must be true. */
  readonly having: readonly ExpressionNode[]
  /** Of equal results only one. */
  readonly distinct: boolean
  /** Of those in which all of these are equal only the first, in the query's order. */
  readonly distinctOn: readonly ExpressionNode[]
  readonly orderBy: readonly OrderKey[]
  /** Only what comes after a place in that order: the JSON form of each sort key there. */
  readonly after: readonly unknown[] | null
  readonly limit: number | null
  readonly offset: number
  /** Only rows of which every cell that is read is settled, and `ok` or `skipped`. */
  readonly ready: boolean
  /** What each row gives, in this order. */
  readonly select: readonly ExpressionNode[]
}

/** The same rows each time: by a hash of their ids, or of what `by` says, and a seed. */
export interface SampleClause {
  /** So many rows, or all there are; null: a fraction. */
  readonly count: number | null
  readonly fraction: number | null
  /** Rows in which it is equal are all taken or all left out. */
  readonly by: ExpressionNode | null
  readonly seed: number
}

/** How a table is joined to those before it. */
export interface JoinClause {
  /** `left` keeps a row to which nothing can be joined. */
  readonly kind: 'inner' | 'left'
  readonly on: ExpressionNode
}

/** The expressions of all clauses. */
export function clauseNodes(query: QueryClauses): readonly ExpressionNode[] {
  const { where, sample, groupBy, having, distinctOn, orderBy, select } = query
  return [...where, ...(sample?.by ? [sample.by] : []), ...(groupBy ?? []), ...having, ...distinctOn, ...orderBy.map((key) => key.node), ...select]
}

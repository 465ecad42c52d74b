import type { JoinClause, SubqueryNode } from '@vivant/core'
import type { TableModel } from '../catalog/table-model.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import type { QueryContext } from './query-context.ts'

export type { JoinClause, OrderKey, QueryClauses as QuerySpec } from '@vivant/core'

/** A table of a query: nodes name it by `source`. */
export interface QuerySource {
  readonly source: number
  readonly model: TableModel
  /** How it is joined to those before it; the first is not. */
  readonly join?: JoinClause
  /** Of the first table: how the subqueries become SQL, where there are any. */
  readonly subqueries?: SubqueryCompiler
}

/** Makes SQL of a subquery that stands in a level of another. */
export type SubqueryCompiler = (node: SubqueryNode, outer: QueryContext) => Fragment

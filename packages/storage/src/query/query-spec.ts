import type { ExpressionNode, OrderKey } from '@vivant/core'
import type { TableModel } from '../catalog/table-model.ts'

/** A query as data: what the builders of the API make, and what becomes a statement. */
export interface QuerySpec {
  /** All must be true. */
  readonly where: readonly ExpressionNode[]
  /** What a group's rows have in common; one group of all rows when it is empty. Null: the rows themselves. */
  readonly groupBy: readonly ExpressionNode[] | null
  /** Over groups; all must be true. */
  readonly having: readonly ExpressionNode[]
  /** Of equal results only one. */
  readonly distinct: boolean
  readonly orderBy: readonly OrderKey[]
  readonly limit: number | null
  readonly offset: number
  /** Only rows of which every cell that is read is settled, and `ok` or `skipped`. */
  readonly ready: boolean
  /** What each row gives, in this order. */
  readonly select: readonly ExpressionNode[]
}

export type { OrderKey } from '@vivant/core'

/** A table of a query: nodes name it by `source`. */
export interface QuerySource {
  readonly source: number
  readonly model: TableModel
  /** How it is joined to those before it; the first is not. */
  readonly join?: JoinClause
}

export interface JoinClause {
  /** `left` keeps a row to which nothing can be joined. */
  readonly kind: 'inner' | 'left'
  readonly on: ExpressionNode
}

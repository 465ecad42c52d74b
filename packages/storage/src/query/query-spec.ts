import type { ExpressionNode } from '@vivant/core'
import type { TableModel } from '../catalog/table-model.ts'

/** A query as data: what the builders of the API make, and what becomes a statement. */
export interface QuerySpec {
  /** All must be true. */
  readonly where: readonly ExpressionNode[]
  readonly orderBy: readonly OrderKey[]
  readonly limit: number | null
  readonly offset: number
  /** Only rows of which every cell that is read is settled, and `ok` or `skipped`. */
  readonly ready: boolean
  /** What each row gives, in this order. */
  readonly select: readonly ExpressionNode[]
}

export interface OrderKey {
  readonly node: ExpressionNode
  readonly direction: 'asc' | 'desc'
}

/** A table of a query: nodes name it by `source`. */
export interface QuerySource {
  readonly source: number
  readonly model: TableModel
}

import type { ExpressionNode } from '@vivant/core'
import type { Fragment } from '../expression/sql-operator.ts'

/** The rows, or the groups, that a query's results are made of. */
export interface Stage {
  /** An expression over one of them; to be called before `body`. */
  compile(node: ExpressionNode): Fragment
  /** What stands after the outputs, up to the order. */
  body(): Fragment
}

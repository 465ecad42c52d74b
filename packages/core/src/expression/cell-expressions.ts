import type { NumberExpression } from './number-expression.ts'
import type { JsonExpression } from './json-expression.ts'
import type { TextExpression } from './text-expression.ts'
import type { TimestampExpression } from './time-expression.ts'

/** What a computed column's cell may say of itself; the first three have no settled value. */
export type CellStatus = 'pending' | 'stale' | 'error' | 'ok' | 'failed' | 'blocked' | 'skipped'

export interface CellError {
  readonly code: string
  readonly message: string
}

/** What is known about a computed column's cell beside its value. Null where there is no cell yet. */
// An alias, as an interface is no `Selection`: `select({ cell: row.caption.cell })`.
export type CellExpressions = {
  readonly status: TextExpression<CellStatus, never>
  readonly error: JsonExpression<CellError, null>
  /** How often the function was called with these inputs. */
  readonly attempts: NumberExpression<null>
  readonly computedAt: TimestampExpression<null>
  /** How long the function took, in microseconds; of a batch, its share. */
  readonly micros: NumberExpression<null>
  /** The version of the column that made the value. */
  readonly version: NumberExpression<null>
}

/** Added to a computed column in a query. */
export interface HasCell {
  readonly cell: CellExpressions
}

import type { ExpressionNode } from '../expression/node.ts'

/** A table's columns as the graph is built of them. */
export interface GraphColumns {
  readonly stored: readonly { readonly name: string }[]
  readonly computed: readonly GraphColumn[]
}

export interface GraphColumn {
  readonly name: string
  readonly expression: ExpressionNode
  /** Its columns are inputs like those of the expression. */
  readonly when: ExpressionNode | null
  /** PostgreSQL evaluates it itself: whoever reads it has its inputs instead. */
  readonly virtual: boolean
}

/** What a column reads, by where it stands: in the user's table, or in another column's cell. */
export interface ColumnInputs {
  readonly stored: readonly string[]
  readonly cells: readonly string[]
}

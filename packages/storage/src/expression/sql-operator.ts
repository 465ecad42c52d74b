import type { AggregateNode, CellNode, ColumnNode, OperatorNode, RollUpNode, SubqueryNode } from '@vivant/core'
import type { RawBuilder } from 'kysely'

/** A piece of SQL that stands for itself: a name, a call, or in parentheses. */
export type Fragment = RawBuilder<unknown>

/** Where an expression's leaves are in the statement that it becomes part of. */
export interface CompileContext {
  /**
   * A column of the row, of its declared type. One whose collation is not the database's own must bring `collate "default"`,
   * because two different ones cannot be compared.
   */
  readonly column: (node: ColumnNode) => Fragment
  readonly cell: (node: CellNode) => Fragment
  /** What the media catalog knows of a reference (`mediaProperty`), and `similarity` over an embedding index. */
  readonly lookup: (node: OperatorNode, operands: readonly Fragment[]) => Fragment
  /** What a group comes to; only where there are groups. */
  readonly aggregate?: (node: AggregateNode) => Fragment
  /** What the rows of a view come to; only in queries. */
  readonly rollUp?: (node: RollUpNode) => Fragment
  /** Only in queries. */
  readonly subquery?: (node: SubqueryNode) => Fragment
}

export interface OperatorContext extends CompileContext {
  /** A constant in PostgreSQL's text form, cast: a parameter, or a quoted literal where a statement takes none. */
  readonly constant: (text: string | null, type: string) => Fragment
}

/** One operator's SQL: the operands are compiled already, `node` has their types and the options. */
export interface SqlOperator {
  readonly compile: (node: OperatorNode, operands: readonly Fragment[], context: OperatorContext) => Fragment
  /** Why this node has no SQL that means the same; undefined when it has. */
  readonly unsupported?: (node: OperatorNode) => string | undefined
  /** Why its value can change although its operands do not; undefined when it cannot. */
  readonly unstable?: (node: OperatorNode) => string | undefined
}

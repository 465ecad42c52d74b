import type { ArrayDataType, DataType } from '../value/data-type.ts'
import type { AggregateName } from './aggregate/aggregate-name.ts'
import type { OperatorName } from './operator-name.ts'
import type { JoinClause, QueryClauses } from './query-clauses.ts'

/**
 * An expression as frozen data. One tree serves as a query's projection, a computed column, a filter and a sort key:
 * storage compiles it to SQL, `evaluate` runs it in JavaScript, the catalog stores it as JSON.
 */
export type ExpressionNode =
  | ColumnNode
  | CellNode
  | LiteralNode
  | OperatorNode
  | CallNode
  | ObjectNode
  | AggregateNode
  | RollUpNode
  | SubqueryNode
  | HistoryNode

/** A column of a row. `source` counts the tables of a query (0 is the first); a computed column always has source 0. */
export interface ColumnNode {
  readonly node: 'column'
  readonly source: number
  readonly column: string
  readonly type: DataType
}

/** What is known about a cell beside its value: `f.caption.cell.status`. */
export interface CellNode {
  readonly node: 'cell'
  readonly source: number
  readonly column: string
  readonly property: CellProperty
  readonly type: DataType
}
export type CellProperty = 'status' | 'error' | 'attempts' | 'computedAt' | 'micros' | 'version'

/** A constant; `value` in its JSON form (`encodeJson`), null for a null of the given type. */
export interface LiteralNode {
  readonly node: 'literal'
  readonly value: unknown
  readonly type: DataType
}

export interface OperatorNode {
  readonly node: 'operator'
  readonly operator: OperatorName
  readonly operands: readonly ExpressionNode[]
  /** Constants that are no values: the digits of `round`, a JSON path, the field of `extract`. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly type: DataType
}

/** A call of a user's function. The code is found in the registry by name and hash. */
export interface CallNode {
  readonly node: 'call'
  readonly function: FunctionReference
  readonly operands: readonly ExpressionNode[]
  readonly type: DataType
}
export interface FunctionReference {
  readonly name: string
  readonly hash: string
}

/** `obj({…})`: a JSON object of expressions. */
export interface ObjectNode {
  readonly node: 'object'
  readonly fields: { readonly [name: string]: ExpressionNode }
  readonly type: DataType
}

/**
 * What many rows come to: those of a group. `aggregate-name.ts` lists what there is. A function of the user's over a group is a call over
 * `list` aggregates.
 */
export interface AggregateNode {
  readonly node: 'aggregate'
  readonly aggregate: AggregateName
  /** Over each of the rows. */
  readonly operands: readonly ExpressionNode[]
  /** Only rows for which it is true. */
  readonly filter: ExpressionNode | null
  /** The order of a list; none is that of the rows' ids. */
  readonly orderBy: readonly OrderKey[]
  readonly type: DataType
}

export interface OrderKey {
  readonly node: ExpressionNode
  readonly direction: 'asc' | 'desc'
}

/**
 * What the rows of a view come to of those that were made from this row. Its aggregate's columns are the view's; from outside only `rows`
 * is seen, the column of this table whose cells make them.
 */
export interface RollUpNode {
  readonly node: 'rollUp'
  readonly rows: ColumnNode
  readonly aggregate: AggregateNode
  /** Whether it waits until all of the rows are there, with every cell of them that it reads; otherwise it follows as they come. */
  readonly wait: RollUpWait
  readonly type: DataType
}
export type RollUpWait = 'all' | 'none'

/**
 * The rows of a group that come before this one, as an array of records. Only a computed column has it: workers keep it right row by row,
 * in order. In `fields` the column `ownResultColumn` is what this column gave for the earlier row.
 */
export interface HistoryNode {
  readonly node: 'history'
  /** Stored columns whose equal values make a group; none: the whole table is one. */
  readonly by: readonly ColumnNode[]
  /** A stored column; equal values are ordered by `_id`, nulls come last. */
  readonly orderBy: ColumnNode
  /** So many rows at most. */
  readonly last: number
  readonly fields: { readonly [name: string]: ExpressionNode }
  readonly type: ArrayDataType
}

/** A query inside another, which may read the rows of that one. Only queries have it: the catalog does not. */
export interface SubqueryNode {
  readonly node: 'subquery'
  /** Whether it has a row, or the value of its first one. */
  readonly form: 'exists' | 'value'
  readonly tables: readonly SubqueryTable[]
  readonly query: QueryClauses
  readonly type: DataType
}

export interface SubqueryTable {
  readonly source: number
  readonly table: string
  /** The first is not joined. */
  readonly join: JoinClause | null
}

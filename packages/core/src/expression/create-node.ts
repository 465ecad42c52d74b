import type { ArrayDataType, DataType } from '../value/data-type.ts'
import { freezeDeep } from '../value/freeze-deep.ts'
import type { AggregateName } from './aggregate/aggregate-name.ts'
import type {
  AggregateNode,
  CallNode,
  CellNode,
  CellProperty,
  ColumnNode,
  ExpressionNode,
  FunctionReference,
  HistoryNode,
  LiteralNode,
  ObjectNode,
  OperatorNode,
  RollUpNode,
  RollUpWait,
  SubqueryNode,
  SubqueryTable,
} from './node.ts'
import type { OperatorName } from './operator-name.ts'
import type { QueryClauses } from './query-clauses.ts'

// Factories: a node is frozen, and so are its type, its options and its literal.

export function columnNode(column: string, type: DataType, source: number = 0): ColumnNode {
  return freezeDeep({ node: 'column', source, column, type })
}

export function cellNode(column: string, property: CellProperty, type: DataType, source: number = 0): CellNode {
  return freezeDeep({ node: 'cell', source, column, property, type })
}

/** `value` in its JSON form. */
export function literalNode(value: unknown, type: DataType): LiteralNode {
  return freezeDeep({ node: 'literal', value, type })
}

export function operatorNode(
  operator: OperatorName,
  operands: readonly ExpressionNode[],
  type: DataType,
  options?: Readonly<Record<string, unknown>>,
): OperatorNode {
  return freezeDeep({ node: 'operator', operator, operands, ...(options && { options }), type })
}

export function callNode(reference: FunctionReference, operands: readonly ExpressionNode[], type: DataType): CallNode {
  return freezeDeep({ node: 'call', function: reference, operands, type })
}

export function objectNode(fields: { readonly [name: string]: ExpressionNode }): ObjectNode {
  return freezeDeep({ node: 'object', fields, type: { kind: 'json' } })
}

export function aggregateNode(
  aggregate: AggregateName,
  operands: readonly ExpressionNode[],
  type: DataType,
  { filter = null, orderBy = [] }: Partial<Pick<AggregateNode, 'filter' | 'orderBy'>> = {},
): AggregateNode {
  return freezeDeep({ node: 'aggregate', aggregate, operands, filter, orderBy, type })
}

export function rollUpNode(rows: ColumnNode, aggregate: AggregateNode, wait: RollUpWait): RollUpNode {
  return freezeDeep({ node: 'rollUp', rows, aggregate, wait, type: aggregate.type })
}

export function subqueryNode(form: SubqueryNode['form'], tables: readonly SubqueryTable[], query: QueryClauses, type: DataType): SubqueryNode {
  return freezeDeep({ node: 'subquery', form, tables, query, type })
}

export function historyNode({ by, orderBy, last, fields }: Omit<HistoryNode, 'node' | 'type'>, type: ArrayDataType): HistoryNode {
  return freezeDeep({ node: 'history', by, orderBy, last, fields, type })
}

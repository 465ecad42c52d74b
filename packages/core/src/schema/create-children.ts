import { VivantError } from '../error/vivant-error.ts'
import { groupedColumn, type GroupedColumnImpl } from '../expression/aggregate/grouped-column-impl.ts'
import { createExpression } from '../expression/create-expression.ts'
import { aggregateNode, columnNode, operatorNode, rollUpNode } from '../expression/create-node.ts'
import { tableOfRow } from '../expression/create-row.ts'
import { expansionColumnName } from '../expression/expansion-column.ts'
import type { Expression } from '../expression/expression.ts'
import { expressionState } from '../expression/expression-state.ts'
import type { AggregateNode, ColumnNode, ExpressionNode, RollUpWait } from '../expression/node.ts'
import { parseOperand } from '../expression/parse-operand.ts'
import { describeNode } from '../expression/tree/describe-node.ts'
import { walkNodes } from '../expression/tree/walk-nodes.ts'
import { describeValue } from '../value/describe-value.ts'
import type { Children, ChildrenOptions } from './children.ts'
import { rowOf } from './row-of.ts'
import type { Schema } from './schema.ts'
import type { TableDefinition } from './table-definition.ts'

/** Behind `frames.of(video)`. Throws TYPE_MISMATCH when the row is not of the view's parent. */
export function createChildren(table: TableDefinition, row: unknown, { wait }: ChildrenOptions = {}): Children<Schema> {
  const { view, name } = table
  if (!view) throw new VivantError('TYPE_MISMATCH', `'${name}' is no view: only a view has rows of another table's row`, { details: { table: name } })
  const of = tableOfRow(row)
  if (of !== view.parent.name) {
    const given = of === undefined ? describeValue(row) : `one of '${of}'`
    throw new VivantError('TYPE_MISMATCH', `of() of '${name}' takes a row of '${view.parent.name}', not ${given}`, { details: { table: name } })
  }
  if (wait !== undefined && wait !== 'all' && wait !== 'none')
    throw new VivantError('CONFIGURATION_INVALID', `of() of '${name}' waits for 'all' or 'none' of its rows, not ${describeValue(wait)}`)
  const { source } = expressionState((row as { readonly _id: Expression })._id).node as ColumnNode
  return new ChildrenImpl({ table, source, filter: null, wait }) as unknown as Children<Schema>
}

interface ChildrenState {
  readonly table: TableDefinition
  /** Of the parent's row: which table of a query it is. */
  readonly source: number
  readonly filter: ExpressionNode | null
  readonly wait: RollUpWait | undefined
}

type Callback = (row: never) => unknown

/** The rows of the view are of a source that no query has, so that an expression of another row is recognised. */
const childSource = Number.MAX_SAFE_INTEGER

class ChildrenImpl {
  readonly #state: ChildrenState

  constructor(state: ChildrenState) {
    this.#state = state
    Object.freeze(this)
  }

  where(condition: Callback): ChildrenImpl {
    return new ChildrenImpl({ ...this.#state, filter: this.#with(this.#condition(condition, 'where')) })
  }

  count(condition?: Callback): Expression {
    const filter = condition === undefined ? this.#state.filter : this.#with(this.#condition(condition, 'count'))
    return this.#rollUp(aggregateNode('count', [], { kind: 'int' }, { filter }))
  }

  countDistinct(value: Callback): Expression {
    return this.#aggregate('countDistinct', value)
  }

  sum(value: Callback): Expression {
    return this.#aggregate('sum', value)
  }

  avg(value: Callback): Expression {
    return this.#aggregate('avg', value)
  }

  min(value: Callback): Expression {
    return this.#aggregate('min', value)
  }

  max(value: Callback): Expression {
    return this.#aggregate('max', value)
  }

  any(condition: Callback): Expression {
    return this.#aggregate('any', condition)
  }

  every(condition: Callback): Expression {
    return this.#aggregate('every', condition)
  }

  list(value: Callback): Expression {
    return this.#aggregate('list', value)
  }

  collect(value: Callback): Expression {
    return this.#aggregate('list', value, 'all')
  }

  #aggregate(
    method: keyof GroupedColumnImpl & ('countDistinct' | 'sum' | 'avg' | 'min' | 'max' | 'any' | 'every' | 'list'),
    value: Callback,
    wait?: RollUpWait,
  ): Expression {
    const { table, filter } = this.#state
    const expression = callback(value, method, table)(rowOf(table, childSource) as never) as Expression
    const column = groupedColumn(expression)
    const { node } = expressionState(column[method]())
    const aggregate = node as AggregateNode
    return this.#rollUp(filter === null ? aggregate : aggregateNode(aggregate.aggregate, aggregate.operands, aggregate.type, { filter }), wait)
  }

  #rollUp(aggregate: AggregateNode, wait: RollUpWait = 'none'): Expression {
    const { table, source } = this.#state
    for (const node of walkNodes(aggregate)) requireChildNode(table, node)
    const rows = columnNode(expansionColumnName(table.name), { kind: 'int' }, source)
    return createExpression(rollUpNode(rows, aggregate, this.#state.wait ?? wait))
  }

  #condition(condition: Callback, method: string): ExpressionNode {
    const { table } = this.#state
    return parseOperand(
      callback(condition, method, table)(rowOf(table, childSource) as never),
      { kind: 'boolean' },
      `${method}() of the rows of '${table.name}'`,
    ).node
  }

  #with(condition: ExpressionNode): ExpressionNode {
    const { filter } = this.#state
    return filter === null ? condition : operatorNode('and', [filter, condition], { kind: 'boolean' })
  }
}

function callback(given: Callback, method: string, { name }: TableDefinition): Callback {
  if (typeof given === 'function') return given
  throw new VivantError('TYPE_MISMATCH', `${method}() of the rows of '${name}' takes a function of a row, not ${describeValue(given)}`)
}

/** Only columns of the view's rows, and nothing that PostgreSQL cannot compute of them by itself. */
function requireChildNode({ name }: TableDefinition, node: ExpressionNode): void {
  if ((node.node === 'column' || node.node === 'cell') && node.source !== childSource)
    throw new VivantError(
      'EXPRESSION_INVALID',
      `'${node.column}' in the roll-up over '${name}' is another row's: read it through the row that the callback is given, as row.parent.${node.column}`,
    )
  if (node.node === 'call')
    throw new VivantError(
      'EXPRESSION_INVALID',
      `the roll-up over '${name}' calls ${describeNode(node)} for each row: make it a computed column of '${name}', and read that`,
    )
  if (node.node === 'operator' && (node.operator === 'mediaProperty' || (node.operator === 'similarity' && node.operands[0]?.type.kind !== 'vector')))
    throw new VivantError(
      'EXPRESSION_INVALID',
      `the roll-up over '${name}' asks for ${describeNode(node)} of each row: make it a computed column of '${name}', and read that`,
    )
  if (node.node === 'cell') throw new VivantError('EXPRESSION_INVALID', `the roll-up over '${name}' uses the state of a cell, which only a query can`)
  if (node.node === 'subquery' || node.node === 'rollUp')
    throw new VivantError('EXPRESSION_INVALID', `the roll-up over '${name}' holds ${describeNode(node)}: make it a computed column of '${name}', and read that`)
}

import { VivantError } from '../../error/vivant-error.ts'
import type { DataType, DataTypeKind } from '../../value/data-type.ts'
import { describeType } from '../../value/describe-type.ts'
import { describeValue } from '../../value/describe-value.ts'
import { createExpression } from '../create-expression.ts'
import { aggregateNode, operatorNode } from '../create-node.ts'
import type { Expression } from '../expression.ts'
import { expressionState } from '../expression-state.ts'
import type { ExpressionNode, OrderKey } from '../node.ts'
import type { Operand } from '../parse-operand.ts'
import { describeNode } from '../tree/describe-node.ts'
import type { AggregateName } from './aggregate-name.ts'

interface GroupedState extends Operand {
  readonly filter: ExpressionNode | null
  readonly orderBy: readonly OrderKey[]
}

const numbers: readonly DataTypeKind[] = ['int', 'float', 'bigint']
const ordered: readonly DataTypeKind[] = [...numbers, 'text', 'enum', 'timestamp', 'date', 'uuid']
const incomparable: readonly DataTypeKind[] = ['vector', 'image', 'video', 'audio', 'document', 'file']

const floatType: DataType = Object.freeze({ kind: 'float' })
const intType: DataType = Object.freeze({ kind: 'int' })

/** Behind every `GroupedColumn`: the types are in the interfaces. */
export class GroupedColumnImpl {
  readonly #state: GroupedState

  constructor(state: GroupedState) {
    this.#state = state
    Object.freeze(this)
  }

  /** What a function over a group is given of it. */
  static stateOf(value: unknown): GroupedState | undefined {
    return typeof value === 'object' && value !== null && #state in value ? value.#state : undefined
  }

  count(): Expression {
    return this.#aggregate('count', intType)
  }

  countDistinct(): Expression {
    const { kind } = this.#state.node.type
    return this.#aggregate('countDistinct', intType, !incomparable.includes(kind))
  }

  sum(): Expression {
    return this.#aggregate('sum', this.#isOf('bigint') ? { kind: 'bigint' } : floatType, this.#isOf(...numbers))
  }

  avg(): Expression {
    return this.#aggregate('avg', floatType, this.#isOf(...numbers))
  }

  min(): Expression {
    return this.#aggregate('min', this.#state.node.type, this.#isOf(...ordered))
  }

  max(): Expression {
    return this.#aggregate('max', this.#state.node.type, this.#isOf(...ordered))
  }

  any(): Expression {
    return this.#aggregate('any', { kind: 'boolean' }, this.#isOf('boolean'))
  }

  every(): Expression {
    return this.#aggregate('every', { kind: 'boolean' }, this.#isOf('boolean'))
  }

  list(): Expression {
    return this.#aggregate('list', { kind: 'array', element: this.#state.node.type })
  }

  where(condition: unknown): GroupedColumnImpl {
    const { node } = groupedCondition(condition, `where() of ${describeNode(this.#state.node)}`)
    const { filter } = this.#state
    return new GroupedColumnImpl({ ...this.#state, filter: filter === null ? node : operatorNode('and', [filter, node], { kind: 'boolean' }) })
  }

  orderBy(key: unknown, direction: unknown = 'asc'): GroupedColumnImpl {
    const place = `orderBy() of ${describeNode(this.#state.node)}`
    const { node } = requireGrouped(key, place)
    if (direction !== 'asc' && direction !== 'desc') throw new VivantError('VALUE_INVALID', `${place} goes 'asc' or 'desc', not ${describeValue(direction)}.`)
    return new GroupedColumnImpl({ ...this.#state, orderBy: [...this.#state.orderBy, { node, direction }] })
  }

  #isOf(...kinds: readonly DataTypeKind[]): boolean {
    return kinds.includes(this.#state.node.type.kind)
  }

  #aggregate(aggregate: AggregateName, type: DataType, isPossible: boolean = true): Expression {
    const { node, filter, orderBy, functions } = this.#state
    if (!isPossible) throw new VivantError('TYPE_MISMATCH', `${aggregate}() of ${describeNode(node)}: ${describeType(node.type)} has none.`)
    return createExpression(aggregateNode(aggregate, [node], type, { filter, ...(aggregate === 'list' && { orderBy }) }), functions)
  }
}

/** A grouped column of an expression. */
export function groupedColumn(expression: Expression): GroupedColumnImpl {
  const { node, functions } = expressionState(expression)
  return new GroupedColumnImpl({ node, functions, filter: null, orderBy: [] })
}

/** TYPE_MISMATCH for anything else. */
export function requireGrouped(value: unknown, place: string): GroupedState {
  const state = GroupedColumnImpl.stateOf(value)
  if (state) return state
  throw new VivantError('TYPE_MISMATCH', `${place} takes a column of the group's rows, not ${describeValue(value)}.`)
}

export function groupedCondition(value: unknown, place: string): GroupedState {
  const state = requireGrouped(value, place)
  if (state.node.type.kind === 'boolean') return state
  throw new VivantError('TYPE_MISMATCH', `${place} takes a boolean, not ${describeType(state.node.type)} (${describeNode(state.node)}).`)
}

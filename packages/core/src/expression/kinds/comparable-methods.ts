import type { AnyColumn } from '../../column/column.ts'
import { columnSpec } from '../../column/column-spec.ts'
import { VivantError } from '../../error/vivant-error.ts'
import type { DataType } from '../../value/data-type.ts'
import { describeType } from '../../value/describe-type.ts'
import { castRule } from '../cast-rule.ts'
import { commonType } from '../common-type.ts'
import { operatorNode } from '../create-node.ts'
import type { Expression } from '../expression.ts'
import { ExpressionObject, expressionState } from '../expression-state.ts'
import { mergeFunctions, parseOperand } from '../parse-operand.ts'
import { booleanType, derive, floatType, placeOf, typeOf } from './derive.ts'

/** The methods of every expression; their meaning is in `Comparable` and in the table of operators. */
export class ComparableMethods extends ExpressionObject {
  eq(other: unknown): Expression {
    return derive(this, 'eq', booleanType, { operands: [[other, comparedType(this)]] })
  }

  ne(other: unknown): Expression {
    return derive(this, 'ne', booleanType, { operands: [[other, comparedType(this)]] })
  }

  in(values: Iterable<unknown>): Expression {
    const wanted = comparedType(this)
    return derive(this, 'in', booleanType, { operands: [...values].map((value) => [value, wanted]) })
  }

  isNull(): Expression {
    return derive(this, 'isNull', booleanType)
  }

  orElse(other: unknown): Expression {
    const state = expressionState(this)
    const { type } = state.node
    const isFraction = type.kind === 'int' && typeof other === 'number' && !Number.isSafeInteger(other)
    const operand = parseOperand(other, isFraction ? floatType : type, placeOf(this, 'orElse'))
    const node = operatorNode('orElse', [state.node, operand.node], commonType(type, operand.node.type) ?? type)
    return state.create(node, mergeFunctions([state, operand]))
  }

  cast(to: AnyColumn): Expression {
    const [from, { type }] = [typeOf(this), columnSpec(to)]
    if (castRule(from, type) !== undefined) return derive(this, 'cast', type)
    throw new VivantError('TYPE_MISMATCH', `${placeOf(this, 'cast')}: ${describeType(from)} cannot become ${describeType(type)}`)
  }
}

/** What a comparison's other side may be: an int is compared with any number. */
export function comparedType(self: unknown): DataType {
  const type = typeOf(self)
  return type.kind === 'int' ? floatType : type
}

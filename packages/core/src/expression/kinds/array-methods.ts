import { VivantError } from '../../error/vivant-error.ts'
import type { ArrayDataType } from '../../value/data-type.ts'
import { describeValue } from '../../value/describe-value.ts'
import type { Expression } from '../expression.ts'
import { ComparableMethods } from './comparable-methods.ts'
import { booleanType, derive, intType, placeOf, typeOf } from './derive.ts'

export class ArrayMethods extends ComparableMethods {
  at(index: number): Expression {
    if (Number.isSafeInteger(index) && index >= 0) return derive(this, 'arrayAt', elementOf(this), { options: { index } })
    throw new VivantError('EXPRESSION_INVALID', `${placeOf(this, 'at')} takes an index from 0, not ${describeValue(index)}`)
  }

  length(): Expression {
    return derive(this, 'arrayLength', intType)
  }

  contains(element: unknown): Expression {
    return derive(this, 'arrayContains', booleanType, { operands: [[element, elementOf(this)]] })
  }
}

function elementOf(self: unknown): ArrayDataType['element'] {
  return (typeOf(self) as ArrayDataType).element
}

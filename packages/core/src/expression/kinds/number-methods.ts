import { VivantError } from '../../error/vivant-error.ts'
import { describeValue } from '../../value/describe-value.ts'
import type { Expression } from '../expression.ts'
import type { OperatorName } from '../operator-name.ts'
import { derive, floatType, placeOf, typeOf } from './derive.ts'
import { OrderedMethods } from './ordered-methods.ts'

/** Numbers and bigints. */
export class ArithmeticMethods extends OrderedMethods {
  add(other: unknown): Expression {
    return arithmetic(this, 'add', other)
  }

  sub(other: unknown): Expression {
    return arithmetic(this, 'sub', other)
  }

  mul(other: unknown): Expression {
    return arithmetic(this, 'mul', other)
  }

  div(other: unknown): Expression {
    return arithmetic(this, 'div', other)
  }

  mod(other: unknown): Expression {
    return arithmetic(this, 'mod', other)
  }

  abs(): Expression {
    return derive(this, 'abs', typeOf(this).kind === 'bigint' ? typeOf(this) : floatType)
  }
}

export class NumberMethods extends ArithmeticMethods {
  round(digits: number = 0): Expression {
    if (Number.isInteger(digits) && digits >= 0 && digits <= 15) return derive(this, 'round', floatType, { options: { digits } })
    throw new VivantError('EXPRESSION_INVALID', `${placeOf(this, 'round')} takes 0 to 15 digits, not ${describeValue(digits)}`)
  }
}

function arithmetic(self: unknown, operator: OperatorName, other: unknown): Expression {
  const type = typeOf(self).kind === 'bigint' ? typeOf(self) : floatType
  return derive(self, operator, type, { operands: [[other, type]] })
}

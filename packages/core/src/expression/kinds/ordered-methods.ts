import type { Expression } from '../expression.ts'
import { ComparableMethods, comparedType } from './comparable-methods.ts'
import { booleanType, derive } from './derive.ts'

export class OrderedMethods extends ComparableMethods {
  gt(other: unknown): Expression {
    return derive(this, 'gt', booleanType, { operands: [[other, comparedType(this)]] })
  }

  gte(other: unknown): Expression {
    return derive(this, 'gte', booleanType, { operands: [[other, comparedType(this)]] })
  }

  lt(other: unknown): Expression {
    return derive(this, 'lt', booleanType, { operands: [[other, comparedType(this)]] })
  }

  lte(other: unknown): Expression {
    return derive(this, 'lte', booleanType, { operands: [[other, comparedType(this)]] })
  }

  between(low: unknown, high: unknown): Expression {
    const wanted = comparedType(this)
    return derive(this, 'between', booleanType, {
      operands: [
        [low, wanted],
        [high, wanted],
      ],
    })
  }
}

import type { Expression } from '../expression.ts'
import { ComparableMethods } from './comparable-methods.ts'
import { booleanType, derive } from './derive.ts'

export class BooleanMethods extends ComparableMethods {
  and(other: unknown): Expression {
    return derive(this, 'and', booleanType, { operands: [[other, booleanType]] })
  }

  or(other: unknown): Expression {
    return derive(this, 'or', booleanType, { operands: [[other, booleanType]] })
  }

  not(): Expression {
    return derive(this, 'not', booleanType)
  }
}

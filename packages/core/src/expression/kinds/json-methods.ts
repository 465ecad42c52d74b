import type { AnyColumn } from '../../column/column.ts'
import { columnSpec } from '../../column/column-spec.ts'
import { VivantError } from '../../error/vivant-error.ts'
import { describeValue } from '../../value/describe-value.ts'
import type { Expression } from '../expression.ts'
import { ComparableMethods } from './comparable-methods.ts'
import { derive, jsonType, placeOf } from './derive.ts'

export class JsonMethods extends ComparableMethods {
  at(...path: readonly unknown[]): Expression {
    const place = placeOf(this, 'at')
    if (path.length === 0) throw new VivantError('EXPRESSION_INVALID', `${place} takes at least one step`)
    for (const step of path) {
      const isStep = typeof step === 'string' ? step.isWellFormed() && !step.includes('\0') : Number.isSafeInteger(step) && (step as number) >= 0
      if (!isStep) throw new VivantError('EXPRESSION_INVALID', `${place}: a step is a key or an index from 0, not ${describeValue(step)}`)
    }
    return derive(this, 'jsonAt', jsonType, { options: { path: [...path] } })
  }

  as(type: AnyColumn): Expression {
    return derive(this, 'jsonAs', columnSpec(type).type)
  }
}

import type { RecordDataType } from '../../value/data-type.ts'
import { type ExpressionState, expressionState } from '../expression-state.ts'
import { ComparableMethods } from './comparable-methods.ts'
import { derive } from './derive.ts'

/** A record's fields are its properties. */
export class RecordMethods extends ComparableMethods {
  constructor(state: ExpressionState) {
    super(state)
    const { fields } = expressionState(this).node.type as RecordDataType
    for (const [name, { type }] of Object.entries(fields)) {
      Object.defineProperty(this, name, { enumerable: true, get: () => derive(this, 'field', type, { options: { name } }) })
    }
  }
}

import { VivantError } from '../../error/vivant-error.ts'
import type { VectorMetric } from '../../schema/table-definition.ts'
import { describeValue } from '../../value/describe-value.ts'
import type { Expression } from '../expression.ts'
import { ComparableMethods } from './comparable-methods.ts'
import { derive, floatType, placeOf, typeOf } from './derive.ts'

const metrics: readonly unknown[] = ['cosine', 'l2', 'innerProduct'] satisfies VectorMetric[]

export class VectorMethods extends ComparableMethods {
  similarity(query: unknown): Expression {
    return derive(this, 'similarity', floatType, { operands: [[query, typeOf(this)]] })
  }

  distance(query: unknown, { metric = 'cosine' }: { readonly metric?: VectorMetric } = {}): Expression {
    if (metrics.includes(metric)) return derive(this, 'distance', floatType, { operands: [[query, typeOf(this)]], options: { metric } })
    throw new VivantError('EXPRESSION_INVALID', `${placeOf(this, 'distance')} knows the metrics ${metrics.join(', ')}, not ${describeValue(metric)}`)
  }
}

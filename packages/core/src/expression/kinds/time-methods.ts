import { VivantError } from '../../error/vivant-error.ts'
import { describeValue } from '../../value/describe-value.ts'
import type { Expression } from '../expression.ts'
import { parseDuration } from '../parse-duration.ts'
import { derive, floatType, intType, placeOf, timestampType, typeOf } from './derive.ts'
import { OrderedMethods } from './ordered-methods.ts'

const dateFields: readonly unknown[] = ['year', 'month', 'day', 'dayOfWeek']
const fractionFields: readonly unknown[] = ['second', 'epoch']
const timestampFields: readonly unknown[] = [...dateFields, 'hour', 'minute', ...fractionFields]
const truncatedFields: readonly unknown[] = ['year', 'month', 'day', 'hour', 'minute', 'second']

/** Timestamps and dates. */
export class DateMethods extends OrderedMethods {
  extract(field: unknown): Expression {
    requireOneOf(field, typeOf(this).kind === 'date' ? dateFields : timestampFields, placeOf(this, 'extract'))
    return derive(this, 'extract', fractionFields.includes(field) ? floatType : intType, { options: { field } })
  }

  add(duration: unknown): Expression {
    return derive(this, 'addDuration', typeOf(this), { options: { duration: parseDuration(duration, typeOf(this), placeOf(this, 'add')) } })
  }

  sub(duration: unknown): Expression {
    return derive(this, 'subDuration', typeOf(this), { options: { duration: parseDuration(duration, typeOf(this), placeOf(this, 'sub')) } })
  }
}

export class TimestampMethods extends DateMethods {
  trunc(field: unknown): Expression {
    requireOneOf(field, truncatedFields, placeOf(this, 'trunc'))
    return derive(this, 'trunc', timestampType, { options: { field } })
  }
}

function requireOneOf(field: unknown, fields: readonly unknown[], place: string): void {
  if (!fields.includes(field)) throw new VivantError('EXPRESSION_INVALID', `${place} takes one of ${fields.join(', ')}, not ${describeValue(field)}`)
}

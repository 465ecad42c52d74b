import type { DateType, TimestampType, UuidType } from '../value/value-type.ts'
import type { Ordered } from './comparable.ts'
import type { DayDuration, Duration } from './duration.ts'
import type { NumberExpression } from './number-expression.ts'

export type DateField = 'year' | 'month' | 'day' | 'dayOfWeek'
/** `second` has its milliseconds as a fraction; `epoch` is the seconds since 1970; `dayOfWeek` is 0 on Sundays. */
export type TimestampField = DateField | 'hour' | 'minute' | 'second' | 'epoch'

/** An instant; fields, beginnings and durations are those of UTC. */
export interface TimestampExpression<N extends null> extends Ordered<TimestampType, N> {
  extract(field: TimestampField): NumberExpression<N>
  /** The beginning of its year, month, … */
  trunc(field: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'): TimestampExpression<N>
  /** Later by a duration: `r.at.add({ days: 7 })`. */
  add(duration: Duration): TimestampExpression<N>
  sub(duration: Duration): TimestampExpression<N>
}

export interface DateExpression<N extends null> extends Ordered<DateType, N> {
  extract(field: DateField): NumberExpression<N>
  add(duration: DayDuration): DateExpression<N>
  sub(duration: DayDuration): DateExpression<N>
}

export interface UuidExpression<N extends null> extends Ordered<UuidType, N> {}

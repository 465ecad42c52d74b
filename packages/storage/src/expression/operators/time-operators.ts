import { durationSteps, type OperatorNode, optionOf } from '@vivant/core'
import { sql } from 'kysely'
import { quoteText } from '../../ddl/quote.ts'
import { fragmentAt, subjectType } from '../operand.ts'
import type { Fragment, OperatorContext, SqlOperator } from '../sql-operator.ts'

/** Fields, truncation and durations are those of UTC: a timestamp is taken `at time zone 'UTC'` first, which no session setting changes. */
export const timeOperators: Record<'extract' | 'trunc' | 'addDuration' | 'subDuration' | 'now', SqlOperator> = {
  extract: { compile: compileExtract },
  trunc: {
    compile: (node, operands) => {
      const field = sql.raw(quoteText(optionOf(node, 'field')))
      return sql`(date_trunc(${field}, vivant.in_calendar(${inUtc(node, operands)})) at time zone 'UTC')`
    },
  },
  addDuration: { compile: (node, operands, context) => shift(node, operands, context, 1) },
  subDuration: { compile: (node, operands, context) => shift(node, operands, context, -1) },
  now: {
    compile: () => sql`date_trunc('milliseconds', statement_timestamp())`,
    unstable: () => 'now() changes by itself',
  },
}

function compileExtract(node: OperatorNode, operands: readonly Fragment[]): Fragment {
  const field = optionOf(node, 'field')
  const at = inUtc(node, operands)
  if (field === 'year') return sql`vivant.year(${at})`
  // infinity has no fields; extract() would say ±Infinity of some of them
  const finite = sql`nullif(nullif(${at}, 'infinity'), '-infinity')`
  return sql`extract(${sql.raw(fieldNames[field] ?? field)} from ${finite})::${sql.raw(node.type.kind === 'int' ? 'int8' : 'float8')}`
}

const fieldNames: Readonly<Record<string, string>> = {
  dayOfWeek: 'dow',
  month: 'month',
  day: 'day',
  hour: 'hour',
  minute: 'minute',
  second: 'second',
  epoch: 'epoch',
}

function inUtc(node: OperatorNode, operands: readonly Fragment[]): Fragment {
  const x = fragmentAt(operands, 0)
  return subjectType(node).kind === 'date' ? sql`(${x})::timestamp` : sql`(${x} at time zone 'UTC')`
}

/** PostgreSQL adds an interval's months, days and time in this order too, but raises when it leaves its calendar: so one by one, within bounds. */
function shift(node: OperatorNode, operands: readonly Fragment[], context: OperatorContext, sign: 1 | -1): Fragment {
  const steps = durationSteps(optionOf(node, 'duration'), sign)
  let at = sql`vivant.in_calendar(${inUtc(node, operands)})`
  for (const step of [
    { amount: steps.months, unit: 'months', milliseconds: 0 },
    { amount: steps.days, unit: 'days', milliseconds: 86_400_000 },
    { amount: steps.milliseconds, unit: 'milliseconds', milliseconds: 1 },
  ]) {
    if (step.amount === 0) continue
    const bounds = stepBounds(step)
    if (bounds === undefined) return context.constant(null, subjectType(node).kind === 'date' ? 'date' : 'timestamptz')
    const [first, past] = bounds.map((time) => context.constant(new Date(time).toISOString().replace('+010000', '10000').slice(0, -1), 'timestamp'))
    at = sql`vivant.shift(${at}, ${first}, ${past}, ${context.constant(`${step.amount} ${step.unit}`, 'interval')})`
  }
  return subjectType(node).kind === 'date' ? sql`${at}::date` : sql`(${at} at time zone 'UTC')`
}

const firstInstant = Date.parse('0001-01-01T00:00:00Z')
const pastLast = Date.parse('+010000-01-01T00:00:00Z')

/** From which instant to which a step does not leave the years 1 to 9999; undefined when it always does. */
function stepBounds({ amount, milliseconds }: { readonly amount: number; readonly milliseconds: number }): readonly [number, number] | undefined {
  const move = (time: number): number => {
    if (milliseconds !== 0) return time - amount * milliseconds
    return new Date(time).setUTCMonth(-amount)
  }
  const [first, past] = [Math.max(firstInstant, move(firstInstant)), Math.min(pastLast, move(pastLast))]
  return first < past ? [first, past] : undefined
}

import { VivantError } from '../error/vivant-error.ts'
import type { DataType } from '../value/data-type.ts'
import { describeValue } from '../value/describe-value.ts'
import { plainEntries } from '../value/plain-object.ts'
import type { DayDuration, Duration } from './duration.ts'

const dayUnits: readonly string[] = ['years', 'months', 'weeks', 'days'] satisfies (keyof DayDuration)[]
const timeUnits: readonly string[] = ['hours', 'minutes', 'seconds', 'milliseconds'] satisfies (keyof Duration)[]
const units: readonly string[] = [...dayUnits, ...timeUnits]
/** PostgreSQL's interval counts months and days in 32 bits. */
const limit = 2 ** 31

/** A duration as options of a node: only the units that are given, in a fixed order. Throws EXPRESSION_INVALID. */
export function parseDuration(input: unknown, type: DataType, place: string): Duration {
  const allowed = type.kind === 'date' ? dayUnits : units
  const entries = plainEntries(input)?.filter(([, amount]) => amount !== undefined)
  const wrong = entries?.find(([unit, amount]) => !allowed.includes(unit) || !Number.isInteger(amount) || Math.abs(amount as number) >= limit)
  if (entries === undefined || entries.length === 0 || wrong !== undefined) {
    const given = wrong === undefined ? describeValue(input) : `${wrong[0]}: ${String(wrong[1])}`
    throw new VivantError('EXPRESSION_INVALID', `${place} takes whole numbers of ${allowed.join(', ')}, such as { days: 7 }, not ${given}`)
  }
  const amounts = new Map(entries)
  return Object.fromEntries(units.filter((unit) => amounts.has(unit)).map((unit) => [unit, amounts.get(unit)]))
}

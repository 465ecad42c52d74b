import { VivantError } from '../../error/vivant-error.ts'
import type { Duration } from '../duration.ts'
import type { OperatorOptions } from './operator-options.ts'

/** The greatest and the least Date stand for PostgreSQL's infinity and -infinity: they have no year. */
const lastInstant = 8.64e15
const firstOfYear1 = Date.parse('0001-01-01T00:00:00.000Z')
const lastOfYear9999 = Date.parse('9999-12-31T23:59:59.999Z')
const millisecondsPerDay = 86_400_000

/** Whether durations and truncation are defined for an instant: the years 1 to 9999. */
export function isInCalendar(time: number): boolean {
  return time >= firstOfYear1 && time <= lastOfYear9999
}

/** The beginning of a date (`YYYY-MM-DD`, with ` BC` as PostgreSQL prints it) as milliseconds; ±Infinity for its `infinity`. */
export function dayNumber(date: string): number {
  const match = /^(\d{4,})-(\d\d)-(\d\d)( BC)?$/u.exec(date)
  if (match === null) return date.startsWith('-') ? -Infinity : Infinity
  const [, year, month, day, bc] = match
  return new Date(0).setUTCFullYear(bc === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day))
}

/** A day within the years 1 to 9999 as `YYYY-MM-DD`. */
export function dateText(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

type Field = OperatorOptions['field']

/** A field of an instant in UTC. Null at infinity. */
export function fieldOf(field: Field): (time: number) => number | null {
  const read = readers[field]
  return (time) => (time < lastInstant && time > -lastInstant ? read(new Date(time)) : null)
}

const readers: Record<Field, (date: Date) => number> = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCMonth() + 1,
  day: (date) => date.getUTCDate(),
  dayOfWeek: (date) => date.getUTCDay(),
  hour: (date) => date.getUTCHours(),
  minute: (date) => date.getUTCMinutes(),
  second: (date) => (date.getUTCSeconds() * 1000 + date.getUTCMilliseconds()) / 1000,
  epoch: (date) => date.getTime() / 1000,
}

/** The beginning of the field that an instant lies in. Null outside the years 1 to 9999. */
export function beginningOf(field: Field, time: number): number | null {
  if (!isInCalendar(time)) return null
  switch (field) {
    case 'second':
      return Math.floor(time / 1000) * 1000
    case 'minute':
      return Math.floor(time / 60_000) * 60_000
    case 'hour':
      return Math.floor(time / 3_600_000) * 3_600_000
    case 'day':
      return startOfDay(time)
    case 'month':
      return new Date(startOfDay(time)).setUTCDate(1)
    case 'year':
      return new Date(startOfDay(time)).setUTCMonth(0, 1)
    default:
      throw new VivantError('EXPRESSION_INVALID', `A timestamp cannot be cut to its ${field}.`)
  }
}

/** A duration as what is added one after the other. */
export function durationSteps(duration: Duration, sign: 1 | -1): { readonly months: number; readonly days: number; readonly milliseconds: number } {
  const of = (name: keyof Duration): number => sign * (duration[name] ?? 0)
  return {
    months: of('years') * 12 + of('months'),
    days: of('weeks') * 7 + of('days'),
    milliseconds: of('hours') * 3_600_000 + of('minutes') * 60_000 + of('seconds') * 1000 + of('milliseconds'),
  }
}

/** Adds months (the day is cut to the month's last), then days, then milliseconds. Null when it leaves the years 1 to 9999 on the way. */
export function addSteps(time: number, steps: ReturnType<typeof durationSteps>): number | null {
  if (!isInCalendar(time)) return null
  let at = time
  if (steps.months !== 0 && !isInCalendar((at = addMonths(at, steps.months)))) return null
  if (steps.days !== 0 && !isInCalendar((at += steps.days * millisecondsPerDay))) return null
  if (steps.milliseconds !== 0 && !isInCalendar((at += steps.milliseconds))) return null
  return at
}

function addMonths(time: number, months: number): number {
  const date = new Date(time)
  const day = date.getUTCDate()
  const month = date.setUTCMonth(date.getUTCMonth() + months, 1)
  const lastDay = new Date(month)
  lastDay.setUTCMonth(lastDay.getUTCMonth() + 1, 0)
  return new Date(month).setUTCDate(Math.min(day, lastDay.getUTCDate()))
}

function startOfDay(time: number): number {
  return Math.floor(time / millisecondsPerDay) * millisecondsPerDay
}

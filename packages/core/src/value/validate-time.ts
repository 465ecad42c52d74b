import { describeValue } from './describe-value.ts'
import { invalidValue } from './invalid-value.ts'

const timestampPattern = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?))?$/
const datePattern = /^(\d{4})-(\d\d)-(\d\d)$/
const firstInstant = Date.parse('0001-01-01T00:00:00.000Z')
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z')

/** Whether an instant lies in the years 1 to 9999, which both PostgreSQL and ISO 8601 write with four digits. */
export function isTimestampInRange(milliseconds: number): boolean {
  return milliseconds >= firstInstant && milliseconds <= lastInstant
}

/** A Date, or ISO 8601 with a time zone (a date alone is its midnight in UTC). Digits beyond milliseconds are cut. */
export function validateTimestamp(value: unknown, path: string): Date {
  const instant = value instanceof Date ? value.getTime() : typeof value === 'string' ? parseInstant(value) : Number.NaN
  if (Number.isNaN(instant)) {
    throw invalidValue(path, `${describeValue(value)} is no timestamp: give a valid Date or ISO 8601 with a time zone, such as 2026-01-31T12:00:00Z`)
  }
  if (!isTimestampInRange(instant)) throw invalidValue(path, 'is outside the years 1 to 9999')
  return new Date(instant)
}

/** A day that exists, as `YYYY-MM-DD`, in the years 1 to 9999. */
export function validateDate(value: unknown, path: string): string {
  const match = typeof value === 'string' ? datePattern.exec(value) : null
  if (match === null || !isDay(match)) throw invalidValue(path, `${describeValue(value)} is no date: give a day that exists as YYYY-MM-DD`)
  return match[0]
}

function parseInstant(text: string): number {
  const match = timestampPattern.exec(text)
  if (match === null || !isDay(match)) return Number.NaN
  const [, , , , hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return Number.NaN
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0')
  const utc = Date.parse(`${text.slice(0, 10)}T${hour}:${minute}:${second}.${milliseconds}Z`)
  return utc - zoneMinutes(zone) * 60_000
}

function zoneMinutes(zone: string): number {
  if (zone === 'Z') return 0
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))]
  if (hours > 15 || minutes > 59) return Number.NaN
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

function isDay([, year, month, day]: readonly (string | undefined)[]): boolean {
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return Number(year) >= 1 && !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day) && date.getUTCMonth() + 1 === Number(month)
}

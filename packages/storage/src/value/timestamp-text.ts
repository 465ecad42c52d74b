import { VivantError } from '@vivant/core'

/** The last and the first instant of JavaScript's calendar: they stand for PostgreSQL's infinity, which no Date can say. */
export const lastInstant: number = 8.64e15
/** PostgreSQL's first timestamp, 4714-11-24 BC. */
const firstStorable = -210_866_803_200_000

/**
 * A timestamp as PostgreSQL reads it, whatever its session's DateStyle and TimeZone.
 * The greatest Date is `infinity`, the least `-infinity`; others before 4714 BC are refused.
 */
export function timestampText(value: Date): string {
  const time = value.getTime()
  if (time >= -62_135_596_800_000 && time < 253_402_300_800_000) return value.toISOString()
  if (time === lastInstant) return 'infinity'
  if (time === -lastInstant) return '-infinity'
  if (!(time >= firstStorable))
    throw new VivantError('VALUE_INVALID', `${Number.isNaN(time) ? 'An invalid Date' : value.toISOString()} is no timestamp that PostgreSQL can store.`)
  const year = value.getUTCFullYear()
  const rest = value.toISOString().replace(/^[+-]?\d+/u, '')
  return year > 0 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

/**
 * A `timestamptz` as the server prints it with DateStyle ISO, in whatever time zone the session has. `infinity`, and what
 * lies beyond JavaScript's calendar, is the greatest or the least Date.
 */
export function parseTimestamp(text: string): Date {
  // `2026-01-31 12:00:00.123+00`: the form of nearly all. Date.parse on the ISO form is V8's fast path.
  if (text.length <= 26 && text.charCodeAt(4) === 45 && text.endsWith('+00')) return new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`)
  if (text === 'infinity') return new Date(lastInstant)
  if (text === '-infinity') return new Date(-lastInstant)
  return parseUncommonTimestamp(text)
}

const timestampParts = /^(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?( BC)?$/u

function parseUncommonTimestamp(text: string): Date {
  const match = timestampParts.exec(text)
  if (!match)
    throw new VivantError('VALUE_INVALID', `PostgreSQL gave ${JSON.stringify(text)} where a timestamp was expected: is DateStyle something other than ISO?`)
  const [, year, month, day, hour, minute, second, fraction, sign, zoneHour, zoneMinute, zoneSecond, bc] = match
  const date = new Date(0)
  date.setUTCFullYear(bc ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second), fraction ? Number(fraction.slice(0, 3).padEnd(3, '0')) : 0)
  const offset = (Number(zoneHour ?? 0) * 3600 + Number(zoneMinute ?? 0) * 60 + Number(zoneSecond ?? 0)) * 1000
  const time = date.getTime() - (sign === '-' ? -offset : offset)
  return new Date(Number.isNaN(time) || Math.abs(time) > lastInstant ? (bc ? -lastInstant : lastInstant) : time)
}

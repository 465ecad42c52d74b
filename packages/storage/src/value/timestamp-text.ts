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
  if (time >= -62_135_596_800_000 && time < 253_402_300_800_000) return commonTimestamp(time)
  if (time === lastInstant) return 'infinity'
  if (time === -lastInstant) return '-infinity'
  if (!(time >= firstStorable))
    throw new VivantError('VALUE_INVALID', `${Number.isNaN(time) ? 'An invalid Date' : value.toISOString()} is no timestamp that PostgreSQL can store.`)
  const year = value.getUTCFullYear()
  const rest = value.toISOString().replace(/^[+-]?\d+/u, '')
  return year > 0 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))
/** Timestamps written together are mostly of one day. */
let [lastDay, lastDayText] = [0, '1970-01-01T']

/** As `toISOString` for the years 1 to 9999, five times as fast. */
function commonTimestamp(time: number): string {
  const day = Math.floor(time / 86_400_000)
  if (day !== lastDay) [lastDay, lastDayText] = [day, new Date(time).toISOString().slice(0, 11)]
  const rest = time - day * 86_400_000
  const second = (rest / 1000) | 0
  const millisecond = rest - second * 1000
  const fraction = millisecond < 10 ? `00${millisecond}` : millisecond < 100 ? `0${millisecond}` : millisecond
  return `${lastDayText}${twoDigits[(second / 3600) | 0]}:${twoDigits[((second / 60) | 0) % 60]}:${twoDigits[second % 60]}.${fraction}Z`
}

/**
 * A `timestamptz` as the server prints it with DateStyle ISO, in whatever time zone the session has. `infinity`, and what
 * lies beyond JavaScript's calendar, is the greatest or the least Date.
 */
export function parseTimestamp(text: string): Date {
  // `2026-01-31 12:00:00.123+00`: the form of nearly all, in a session in UTC.
  if (text.length <= 26 && text.charCodeAt(4) === 45 && text.charCodeAt(0) !== 48 && text.endsWith('+00')) return parseCommonTimestamp(text)
  if (text === 'infinity') return new Date(lastInstant)
  if (text === '-infinity') return new Date(-lastInstant)
  return parseUncommonTimestamp(text)
}

/** From the year 1000: `Date.UTC` takes the first hundred for those of the twentieth century. */
function parseCommonTimestamp(text: string): Date {
  const fraction = text.length > 22 ? Number(text.slice(20, -3).padEnd(3, '0')) : 0
  return new Date(
    Date.UTC(
      digitsAt(text, 0) * 100 + digitsAt(text, 2),
      digitsAt(text, 5) - 1,
      digitsAt(text, 8),
      digitsAt(text, 11),
      digitsAt(text, 14),
      digitsAt(text, 17),
      fraction,
    ),
  )
}

function digitsAt(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48
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

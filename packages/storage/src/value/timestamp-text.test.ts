import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTimestamp, timestampText } from './timestamp-text.ts'

const instants = fc
  .oneof(fc.integer({ min: Date.parse('0001-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59.999Z') }), fc.integer({ min: -1e6, max: 1e6 }))
  .map((time) => new Date(time))

test('a timestamp is written as ISO 8601', () => {
  fc.assert(
    fc.property(instants, (date) => {
      expect(timestampText(date)).toBe(date.toISOString())
    }),
  )
})

test('a timestamp is read in the session’s time zone, with what zeros the server leaves out', () => {
  fc.assert(
    fc.property(instants, (date) => {
      const text = date
        .toISOString()
        .replace('T', ' ')
        .replace(/\.?0*Z$/u, '+00')
      expect(parseTimestamp(text)).toEqual(date)
    }),
  )
  expect(parseTimestamp('2026-01-31 12:00:00.5+05:45')).toEqual(new Date('2026-01-31T06:15:00.500Z'))
  expect(parseTimestamp('1880-01-01 00:00:00-03:30:52')).toEqual(new Date('1880-01-01T03:30:52Z'))
  expect(parseTimestamp('2026-01-31 12:00:00.123456+00')).toEqual(new Date('2026-01-31T12:00:00.123Z'))
})

test('what is no timestamp names DateStyle', () => {
  expect(() => parseTimestamp('Sat Jan 31 12:00:00 2026 UTC')).toThrow(/DateStyle/u)
})

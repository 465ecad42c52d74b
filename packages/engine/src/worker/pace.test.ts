import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

test('a chunk takes about its time', () => {
  const pace = new Pace()
  expect(pace.rows('t', 1000, 5000)).toBe(64)
  pace.record('t', 64, 128, 0)
  expect(pace.rows('t', 1000, 5000)).toBe(500)
})

test('what a chunk takes for its start makes it larger, not smaller: a decoder that starts slowly is not started for every few rows', () => {
  const pace = new Pace()
  pace.record('frames', 64, 1000 + 64 * 5, 0, 1000)
  expect(pace.rows('frames', 1000, 5000)).toBe(2000)
  pace.record('frames', 64, 60_000 + 64 * 100, 0, 60_000)
  expect(pace.rows('frames', 1000, 5000)).toBe(200)
})

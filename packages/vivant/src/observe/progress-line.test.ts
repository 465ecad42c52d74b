import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { progressLine } from './progress-line.ts'

beforeEach(() => vi.stubEnv('CI', ''))
afterEach(() => vi.unstubAllEnvs())

function terminal(isTTY: boolean) {
  const written: string[] = []
  return { written, isTTY, write: (text: string) => Boolean(written.push(text)) }
}

test('a long wait is drawn on a terminal, and the line is taken away', () => {
  const stream = terminal(true)
  const line = progressLine(stream)!
  line.draw({ done: 1, remaining: 3, total: 4, elapsedMs: 500, etaMs: null })
  expect(stream.written).toEqual([])
  line.draw({ done: 1, remaining: 3, total: 4, elapsedMs: 1500, etaMs: 4500 })
  expect(stream.written.join('')).toContain('25 % of 4 rows, about 5 s left')
  line.clear()
  expect(stream.written.at(-1)).toBe('\r\u001B[2K')
})

test('nothing is drawn where there is no terminal, or in CI', () => {
  expect(progressLine(terminal(false))).toBeNull()
  vi.stubEnv('CI', '1')
  expect(progressLine(terminal(true))).toBeNull()
})

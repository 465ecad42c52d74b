import fc from 'fast-check'
import { expect, test } from 'vitest'
import { vectorText } from './vector-text.ts'

test('a vector’s text reads back to the same 32-bit floats', () => {
  const float = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ min: -1, max: 1, noNaN: true }),
    fc.float({ min: Math.fround(-0.01), max: Math.fround(0.01), noNaN: true }),
  )
  fc.assert(
    fc.property(fc.array(float, { minLength: 1, maxLength: 700 }), (values) => {
      const vector = Float32Array.from(values)
      expect(Float32Array.from(JSON.parse(vectorText(vector)) as number[])).toEqual(vector)
    }),
    { numRuns: 500 },
  )
})

test('short numbers at the borders between its notations', () => {
  expect(vectorText(Float32Array.of(0, 1, -1, 0.5, 2))).toBe('[0,1,-1,500000000e-9,2]')
  const borders = [0.1, 0.01, 0.001, 0.0001].flatMap((size) => [size, Math.fround(size) * (1 - 2 ** -24), 1 - 2 ** -24, size * 2 ** -130])
  expect(Float32Array.from(JSON.parse(vectorText(Float32Array.from(borders))) as number[])).toEqual(Float32Array.from(borders))
  expect(vectorText(new Float32Array(0))).toBe('[]')
})

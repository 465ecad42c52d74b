import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DataType } from './data-type.ts'
import { decodeJson } from './decode-json.ts'
import { encodeJson } from './encode-json.ts'
import { valuesEqual } from './equal-values.ts'
import { validateValue } from './validate-value.ts'

const type = (kind: 'text' | 'int' | 'float' | 'bigint' | 'boolean' | 'timestamp' | 'date' | 'uuid' | 'binary' | 'json' | 'image'): DataType => ({ kind })
const vector: DataType = { kind: 'vector', dimensions: 2 }
const tags: DataType = { kind: 'array', element: { kind: 'text' } }
const state: DataType = { kind: 'enum', values: ['draft', 'live'] }
const song: DataType = {
  kind: 'record',
  fields: { tempo: { type: { kind: 'float' }, nullable: false }, lyrics: { type: { kind: 'text' }, nullable: true } },
}
const deep = JSON.parse('['.repeat(600) + ']'.repeat(600)) as unknown

describe('refused, with the reason', () => {
  test.each<[string, DataType, unknown, string]>([
    ['NUL', type('text'), 'a\0b', 'x: contains a NUL character'],
    ['half a pair', type('text'), '\ud800', 'half of a surrogate pair'],
    ['a number as text', type('text'), 5, 'x: the number 5 is not text'],
    ['an unsafe int', type('int'), 2 ** 53, 'no whole number between'],
    ['a fraction as int', type('int'), 1.5, 'no whole number between'],
    ['NaN as int', type('int'), Number.NaN, 'no whole number between'],
    ['text as float', type('float'), '1', 'is not a float'],
    ['a big bigint', type('bigint'), 10n ** 20n, 'has more than 20 digits'],
    ['a fraction as bigint', type('bigint'), 1.5, 'is not a bigint'],
    ['an invalid Date', type('timestamp'), new Date('x'), 'is no timestamp'],
    ['a time without zone', type('timestamp'), '2026-01-31T12:00:00', 'is no timestamp'],
    ['a day that is none', type('timestamp'), '2026-02-30T12:00:00Z', 'is no timestamp'],
    ['an hour that is none', type('timestamp'), '2026-02-03T24:00:00Z', 'is no timestamp'],
    ['the year 10000', type('timestamp'), new Date(Date.UTC(10_000, 0)), 'outside the years 1 to 9999'],
    ['a date that is none', type('date'), '2023-02-29', 'is no date'],
    ['the year 0', type('date'), '0000-01-01', 'is no date'],
    ['a uuid that is none', type('uuid'), 'x', 'is not a uuid'],
    ['an ArrayBuffer', type('binary'), new ArrayBuffer(1), 'is not a Uint8Array'],
    ['NaN in JSON', type('json'), { a: [Number.NaN] }, 'x.a[0]: NaN is no JSON number'],
    ['NUL in JSON', type('json'), { a: '\0' }, 'x.a: contains a NUL'],
    ['NUL in a key', type('json'), { '\0': 1 }, 'NUL'],
    ['a Date in JSON', type('json'), { at: new Date(0) }, 'x.at: a Date is no JSON value'],
    ['a bigint in JSON', type('json'), 1n, 'the bigint 1n is no JSON value'],
    ['a hole', type('json'), [undefined], 'undefined is no JSON value'],
    ['endless JSON', type('json'), deep, 'nested deeper'],
    ['no member', state, 'gone', 'is not one of draft, live'],
    ['a short vector', vector, [1], 'has 1 dimensions instead of 2'],
    ['an infinite vector', vector, [1, 1e39], 'x[1]: 1e+39 is not finite as a 32-bit float'],
    ['null in an array', tags, ['a', null], 'x[1]: null is not text'],
    ['a missing field', song, { lyrics: 'la' }, 'x.tempo: is missing'],
    ['an unknown field', song, { tempo: 1, beat: 2 }, "has no field 'beat'"],
    ['a path as image', type('image'), './x.jpg', 'is not a reference to image content'],
  ])('%s', (_, wanted, value, reason) => {
    expect(() => validateValue(value, wanted, 'x')).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }) as Error)
    expect(() => validateValue(value, wanted, 'x')).toThrow(reason)
  })
})

describe('accepted and normalised', () => {
  test.each<[string, DataType, unknown, unknown]>([
    ['-0 as int', type('int'), -0, 0],
    ['NaN as float', type('float'), Number.NaN, Number.NaN],
    ['a number as bigint', type('bigint'), 5, 5n],
    ['20 digits', type('bigint'), 10n ** 20n - 1n, 10n ** 20n - 1n],
    ['ISO with zone', type('timestamp'), '2026-01-31T12:00:00.123456+02:00', new Date('2026-01-31T10:00:00.123Z')],
    ['a day as timestamp', type('timestamp'), '2026-01-31', new Date('2026-01-31T00:00:00Z')],
    ['PostgreSQL’s zone', type('timestamp'), '2026-01-31 12:00:00+00', new Date('2026-01-31T12:00:00Z')],
    ['a leap day', type('date'), '2024-02-29', '2024-02-29'],
    ['a uuid in capitals', type('uuid'), 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['undefined properties', type('json'), { a: undefined, b: -0 }, { b: 0 }],
    ['emoji', type('text'), '👩‍🚀', '👩‍🚀'],
    ['a vector of numbers', vector, [0.1, 2], Float32Array.of(0.1, 2)],
    ['a record without its nullable field', song, { tempo: 1 }, { tempo: 1, lyrics: null }],
    ['a reference', type('image'), 'https://x.org/a.jpg', 'https://x.org/a.jpg'],
  ])('%s', (_, wanted, value, expected) => {
    expect(validateValue(value, wanted, 'x')).toEqual(expected)
  })

  test('a key __proto__ stays a key', () => {
    const value = validateValue(JSON.parse('{"__proto__": 1}'), type('json'), 'x') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })
})

test.each<[DataType, unknown]>([
  [type('text'), 'ééé'],
  [type('binary'), new Uint8Array(6)],
  [type('json'), { a: 'long' }],
])('more than the limit is TOO_LARGE (%o)', (wanted, value) => {
  expect(() => validateValue(value, wanted, 'x', { maxBytes: 5 })).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }) as Error)
})

describe('equal values', () => {
  test.each<[DataType, unknown, unknown, boolean]>([
    [type('float'), Number.NaN, Number.NaN, true],
    [type('float'), -0, 0, true],
    [type('text'), null, null, true],
    [type('text'), null, '', false],
    [type('timestamp'), new Date(5), new Date(5), true],
    [type('json'), { a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [type('json'), { a: 1 }, { a: 1, b: null }, false],
    [type('json'), [1], { 0: 1 }, false],
    [type('json'), {}, { toString: 1 }, false],
    [vector, Float32Array.of(0.1, 1), [0.1, 1], true],
    [type('binary'), Uint8Array.of(1), Uint8Array.of(2), false],
    [tags, ['a'], ['a', 'b'], false],
    [song, { tempo: -0 }, { tempo: 0, lyrics: null }, true],
  ])('%o: %o and %o', (wanted, a, b, expected) => {
    expect(valuesEqual(wanted, a, b)).toBe(expected)
    expect(valuesEqual(wanted, b, a)).toBe(expected)
  })
})

const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed() && !value.includes('\0'))
const arbitraries: readonly (readonly [DataType, fc.Arbitrary<unknown>])[] = [
  [type('text'), text],
  [type('int'), fc.maxSafeInteger()],
  [type('float'), fc.double()],
  [type('bigint'), fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n })],
  [type('boolean'), fc.boolean()],
  [type('timestamp'), fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })],
  [type('uuid'), fc.uuid()],
  [type('binary'), fc.uint8Array()],
  [type('json'), fc.jsonValue().filter((value) => !JSON.stringify(value).includes('\\u0000') && !JSON.stringify(value).includes('\\ud'))],
  [state, fc.constantFrom('draft', 'live')],
  [vector, fc.float32Array({ minLength: 2, maxLength: 2, noNaN: true, noDefaultInfinity: true })],
  [{ kind: 'array', element: type('bigint') }, fc.array(fc.bigInt({ min: -5n, max: 5n }))],
  [song, fc.record({ tempo: fc.double(), lyrics: fc.option(text) })],
]

test.each(arbitraries)('every value of %o survives its JSON form', (wanted, values) => {
  fc.assert(
    fc.property(values, (given) => {
      const value = validateValue(given, wanted, '')
      const stored: unknown = JSON.parse(JSON.stringify(encodeJson(wanted, value)))
      expect(valuesEqual(wanted, decodeJson(wanted, stored), value)).toBe(true)
    }),
  )
})

test.each<[DataType, unknown]>([
  [type('int'), '5'],
  [type('int'), 1.5],
  [type('text'), 5],
  [type('binary'), '?'],
  [type('bigint'), '1.5'],
  [type('timestamp'), 'yesterday'],
  [vector, [1]],
])('what is no JSON form of %o is refused (%o)', (wanted, json) => {
  expect(() => decodeJson(wanted, json)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }) as Error)
})

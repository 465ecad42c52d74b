import type { DataType } from '@vivant/core'
import { isJsonArray } from '@vivant/storage'
import fc from 'fast-check'

/** Texts with every kind of character that PostgreSQL takes, and those that something could take for its own. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).map(storable),
  fc.string({ unit: 'grapheme', maxLength: 6 }).map(storable),
  // Their order by code point is another than by UTF-16 unit.
  fc.string({ unit: fc.constantFrom('a', '\u{FF5E}', '\uE000', '\u{1F600}', '\u{10FFFF}'), maxLength: 3 }),
  fc.string({ unit: fc.constantFrom('a', 'B', 'b', '%', '_', '\\', ' ', '😀', '\u{FF5E}', '\n', 'é', 'e\u0301'), maxLength: 8 }),
  fc.constantFrom(
    '',
    ' ',
    'NULL',
    'null',
    '{}',
    '{"a"}',
    '"',
    "'",
    "\\'",
    '\\',
    ' \t\n\v\f\r',
    '\u00a0x\u2003',
    'İıſK',
    'ß',
    'ǅ',
    'a,b,,c',
    '\u{10FFFF}',
    '\uE000',
    '$1',
    '--',
    '/*',
    '2024-02-29',
    '5',
    'true',
  ),
)

function storable(value: string): string {
  return value.replaceAll('\0', '')
}

const smallInts = fc.integer({ min: -3, max: 60 })
const floats = fc.oneof(
  fc.double(),
  smallInts,
  fc.integer({ min: -2000, max: 2000 }).map((value) => value / 8),
  fc.constantFrom(
    0,
    -0,
    0.1,
    0.5,
    -0.5,
    1.5,
    2.5,
    0.285,
    1.005,
    4.35,
    1e15,
    2 ** 52,
    2 ** 53,
    1e16,
    1e21,
    1e23,
    1e-7,
    5e-324,
    1e-310,
    2 ** -1022,
    2 ** -538,
    2 ** -537,
    2 ** 512,
    2 ** 511,
    8.98e307,
    2 ** 1023,
    1e308,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    NaN,
    Infinity,
    -Infinity,
  ),
  fc.integer({ min: -1074, max: 1023 }).map((exponent) => 2 ** exponent),
)

const firstInstant = Date.parse('0001-01-01T00:00:00.000Z')
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z')
const instants = fc.oneof(
  fc.integer({ min: firstInstant, max: lastInstant }),
  fc.integer({ min: Date.parse('1999-12-01'), max: Date.parse('2001-02-01') }),
  fc.constantFrom(firstInstant, lastInstant, 0, -1, Date.parse('2024-02-29T23:59:59.999Z'), Date.parse('2023-01-31'), Date.parse('1900-02-28T12:00:00Z')),
)

/** Keys that JSON.parse and object literals treat alike. */
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 2, stringUnit: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).map((unit) => storable(unit) || 'x') }),
  fc.record(
    {
      a: fc.oneof(smallInts, text, fc.boolean(), fc.constant(null)),
      b: fc.array(fc.oneof(smallInts, text, fc.constant(null)), { maxLength: 3 }),
      '0': fc.boolean(),
    },
    { requiredKeys: [] },
  ),
  fc.array(fc.oneof(smallInts, text, fc.constant(null), fc.record({ a: smallInts })), { maxLength: 3 }),
  text,
  floats.filter(Number.isFinite),
  fc.constantFrom(
    'NaN',
    'Infinity',
    '2024-02-29',
    '2023-02-29',
    '123456789012345678901',
    '-5',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
  ),
)

/** Values as `validateValue` gives them; never null. */
export function valueOf(type: DataType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'text':
      return text
    case 'enum':
      return fc.constantFrom(...type.values)
    case 'int':
      return fc.oneof(smallInts, fc.maxSafeInteger(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER))
    case 'float':
      return floats
    case 'bigint':
      return fc.oneof(
        fc.bigInt({ min: -5n, max: 5n }),
        fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }),
        fc.constantFrom(10n ** 20n - 1n, -(10n ** 20n) + 1n, 10n ** 10n),
      )
    case 'boolean':
      return fc.boolean()
    case 'timestamp':
      return instants.map((time) => new Date(time))
    case 'date':
      return instants.map((time) => new Date(time).toISOString().slice(0, 10))
    case 'uuid':
      return fc.oneof(fc.uuid(), fc.constant('00000000-0000-0000-0000-000000000000'))
    case 'binary':
      return fc.uint8Array({ maxLength: 20 })
    case 'json':
      return json.filter((value) => value !== null)
    case 'record':
      return fc.record(
        Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, field.nullable ? orNull(valueOf(field.type)) : valueOf(field.type)])),
      )
    case 'array':
      return fc.array(valueOf(type.element), { maxLength: 4 })
    case 'vector':
      return fc
        .array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true, min: -1e6, max: 1e6 })), {
          minLength: type.dimensions,
          maxLength: type.dimensions,
        })
        .map((values) => Float32Array.from(values))
    default:
      return fc.constantFrom('vivant://aa.png', 'vivant://bb.jpg', 'https://example.org/ä')
  }
}

/** What a column may hold: also null, and null elements, which other clients can write into PostgreSQL's arrays. */
export function storedValueOf(type: DataType): fc.Arbitrary<unknown> {
  return orNull(type.kind === 'array' && !isJsonArray(type) ? fc.array(orNull(valueOf(type.element)), { maxLength: 4 }) : valueOf(type))
}

export function orNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { nil: null, freq: 5 })
}

import { type DataType, valuesEqual } from '@vivant/core'
import { batchType, decodeValue, encodeArray, encodeValue, isJsonArray, pgType } from '@vivant/storage'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeEngines } from '../engines.ts'
import { columns } from '../expressions/expressions.ts'
import { type ArrayClient, openClient } from '../expressions/open-client.ts'
import { orNull, storedValueOf, valueOf } from '../expressions/values.ts'

const types = [...new Map(Object.values(columns).map((type) => [JSON.stringify(type), type])).values()]

describeEngines('the codec of values', (engine) => {
  let client: ArrayClient
  beforeAll(async () => {
    client = await openClient(engine)
    // Neither may matter.
    await client.query("set timezone = 'Asia/Kathmandu'")
    await client.query('set extra_float_digits = 1')
  })
  afterAll(() => client[Symbol.asyncDispose]())

  describe.each(types.map((type) => [describeKind(type), type] as const))('%s', (_name, type) => {
    test('a value comes back as it was', async () => {
      await fc.assert(
        fc.asyncProperty(storedValueOf(type), async (value) => {
          const [row] = await client.query(`select $1::${pgType(type)}`, [encodeValue(type, value)])
          expectSame(type, decodeValue(type, row?.[0]), value)
        }),
        { numRuns: 60 },
      )
    })

    test('a batch comes back as it was, nulls included', async () => {
      const { element, cast } = batchType(type)
      const text = `select v${cast === null ? '' : `::${cast}`} from unnest($1::${element}[]) with ordinality as u(v, n) order by n`
      await fc.assert(
        fc.asyncProperty(fc.array(orNull(valueOf(type)), { maxLength: 30 }), async (values) => {
          const rows = await client.query(text, [encodeArray(type, values)])
          expect(rows.length).toBe(values.length)
          for (const [index, value] of values.entries()) expectSame(type, decodeValue(type, rows[index]?.[0]), value)
        }),
        { numRuns: 30 },
      )
    })
  })

  test('floats keep every bit, also the sign of zero', async () => {
    const values = [0, -0, Number.NaN, Infinity, -Infinity, 1e308, Number.MAX_VALUE, 5e-324, -2.5e-310, 0.1, 1e21, 1e-7, 123456789.12345679]
    const type: DataType = { kind: 'float' }
    const rows = await client.query('select unnest($1::float8[])', [encodeArray(type, values)])
    expect(rows.map(([value]) => decodeValue(type, value))).toEqual(values)
    expect(Object.is(rows[1]?.[0], -0)).toBe(true)
  })

  test('reads what only other clients write', async () => {
    const cases: readonly (readonly [sql: string, type: DataType, value: unknown])[] = [
      ["timestamptz '0044-03-15 12:00:00.5+00 BC'", { kind: 'timestamp' }, new Date('-000043-03-15T12:00:00.500Z')],
      ["timestamptz '12345-06-07 00:00:00+00'", { kind: 'timestamp' }, new Date('+012345-06-07T00:00:00.000Z')],
      ["timestamptz 'infinity'", { kind: 'timestamp' }, new Date(8.64e15)],
      ["timestamptz '-infinity'", { kind: 'timestamp' }, new Date(-8.64e15)],
      ["timestamptz '294000-01-01 00:00:00+00'", { kind: 'timestamp' }, new Date(8.64e15)],
      ["timestamptz '1800-01-01 00:00:00+00'", { kind: 'timestamp' }, new Date('1800-01-01T00:00:00.000Z')],
      ["date '0044-03-15 BC'", { kind: 'date' }, '0044-03-15 BC'],
      ["date 'infinity'", { kind: 'date' }, 'infinity'],
      ["'[3:4]={1,2}'::int8[]", { kind: 'array', element: { kind: 'int' } }, [1, 2]],
      ["array[null, 'NULL', '', '{', 'a\"b\\c']", { kind: 'array', element: { kind: 'text' } }, [null, 'NULL', '', '{', 'a"b\\c']],
      ["'9223372036854775807'::int8", { kind: 'bigint' }, 9_223_372_036_854_775_807n],
      ['5::int4', { kind: 'int' }, 5],
      ["'null'::jsonb", { kind: 'json' }, null],
    ]
    for (const [text, type, value] of cases) {
      const [row] = await client.query(`select ${text}`)
      expect(decodeValue(type, row?.[0]), text).toEqual(value)
    }
    const [row] = await client.query("select '9007199254740993'::int8, 'NaN'::numeric(20,0)")
    expect(() => decodeValue({ kind: 'int' }, row?.[0])).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
    expect(() => decodeValue({ kind: 'bigint' }, row?.[1])).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
  })

  test('writes timestamps outside the years 1 to 9999', async () => {
    for (const value of [
      new Date('-000043-03-15T12:00:00.500Z'),
      new Date('+012345-06-07T00:00:00.000Z'),
      new Date(8.64e15),
      new Date(-8.64e15),
      new Date('0000-02-29T00:00:00Z'),
    ]) {
      const [row] = await client.query('select $1::timestamptz(3)', [encodeValue({ kind: 'timestamp' }, value)])
      expect(row?.[0]).toEqual(value)
      const [inArray] = await client.query('select unnest($1::timestamptz[])', [encodeArray({ kind: 'timestamp' }, [value])])
      expect(inArray?.[0]).toEqual(value)
    }
    expect(() => encodeValue({ kind: 'timestamp' }, new Date('-005000-01-01T00:00:00Z'))).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
    expect(() => encodeValue({ kind: 'timestamp' }, new Date(Number.NaN))).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
  })
})

function expectSame(type: DataType, actual: unknown, expected: unknown): void {
  if (!valuesEqual(type, actual, expected)) expect(actual).toEqual(expected)
}

function describeKind(type: DataType): string {
  return type.kind === 'array' ? `array of ${type.element.kind}${isJsonArray(type) ? ' (jsonb)' : ''}` : type.kind
}

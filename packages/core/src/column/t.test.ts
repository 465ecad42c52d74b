import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { describeNode } from '../expression/tree/describe-node.ts'
import { columnDefinition } from './column-definition.ts'
import { columnSpec } from './column-spec.ts'
import { validateColumnValue } from './column-validation.ts'
import { t } from './t.ts'

const code = (error: string) => expect.objectContaining({ code: error }) as Error

test('a builder carries the column’s definition', () => {
  const column = t.text().min(3).max(80).nullable().default('none').unique().references('people', { column: 'slug', onDelete: 'cascade' }).describe('the owner')
  expect(columnDefinition('owner', column)).toEqual({
    name: 'owner',
    type: { kind: 'text' },
    nullable: true,
    defaultValue: 'none',
    unique: true,
    primaryKey: false,
    references: { table: 'people', column: 'slug', onDelete: 'cascade' },
    check: null,
    min: 3,
    max: 80,
    description: 'the owner',
  })
})

test('a modifier gives a new builder and leaves the old one as it was', () => {
  const plain = t.int()
  const nullable = plain.nullable()
  expect(columnSpec(plain).nullable).toBe(false)
  expect(columnSpec(nullable).nullable).toBe(true)
  expect(Object.isFrozen(plain)).toBe(true)
})

test('checks are conditions over the column under its name, and all of them hold', () => {
  const price = t
    .float()
    .check((value) => value.gt(0))
    .check((value) => value.lt(100))
  const { check } = columnDefinition('price', price)
  expect(check && describeNode(check)).toBe('price.gt(0).and(price.lt(100))')
  expect(() => t.int().check((value) => value.add(1) as never)).toThrow('a check is a condition, not float')
  expect(() => t.int().check(() => true as never)).toThrow(code('TYPE_MISMATCH'))
})

test('a default is checked and kept in its JSON form', () => {
  expect(columnDefinition('at', t.timestamp().default('2026-01-31T00:00:00Z')).defaultValue).toBe('2026-01-31T00:00:00.000Z')
  expect(columnDefinition('n', t.bigint().default(5)).defaultValue).toBe('5')
  expect(() => t.int().default(1.5)).toThrow('the default: 1.5 is no whole number')
  expect(() => t.text().max(3).default('long')).toThrow('the default: length 4 is more than 3')
  expect(() => t.enum('a').default('b' as never)).toThrow(code('VALUE_INVALID'))
})

test('bounds are of the value for numbers and of the code points for text', () => {
  expect(validateColumnValue('👩‍🚀', columnSpec(t.text().max(3)), 'x')).toBe('👩‍🚀')
  expect(() => validateColumnValue(Number.NaN, columnSpec(t.float().max(3)), 'x')).toThrow(code('VALUE_INVALID'))
  expect(validateColumnValue(Number.NaN, columnSpec(t.float().min(3)), 'x')).toBe(Number.NaN)
  expect(() => t.int().min(Number.NaN)).toThrow(code('TYPE_MISMATCH'))
})

describe('t.json(schema)', () => {
  test.each([
    ['zod', t.json(z.object({ size: z.number(), color: z.string().default('red') }))],
    ['valibot', t.json(v.object({ size: v.number(), color: v.optional(v.string(), 'red') }))],
  ])('takes the accepted value of %s and gives its reasons', (_, column) => {
    expect(validateColumnValue({ size: 1 }, columnSpec(column), 'meta')).toEqual({ size: 1, color: 'red' })
    expect(() => validateColumnValue({ size: 'x' }, columnSpec(column), 'meta')).toThrow(/size: .*number/)
  })

  test('refuses a schema that validates asynchronously', () => {
    const column = t.json(z.string().refine(async () => Promise.resolve(true)))
    const later = t.json({ '~standard': { version: 1, vendor: 'ours', validate: async () => Promise.resolve({ value: 1 }) } })
    expect(() => validateColumnValue('x', columnSpec(later), 'meta')).toThrow('the ours schema validates asynchronously, which a column cannot')
    expect(() => validateColumnValue('x', columnSpec(column), 'meta')).toThrow()
  })
})

test('the rules of fields and elements hold inside records and arrays', () => {
  const song = columnSpec(t.record({ tempo: t.float().min(1), tags: t.array(t.text().max(2)), note: t.text().min(1).nullable() }))
  expect(validateColumnValue({ tempo: 2, tags: ['ab'] }, song, 'song')).toEqual({ tempo: 2, tags: ['ab'], note: null })
  expect(() => validateColumnValue({ tempo: 0, tags: [] }, song, 'song')).toThrow('the value 0 is less than 1')
  expect(() => validateColumnValue({ tempo: 2, tags: ['abc'] }, song, 'song')).toThrow('length 3 is more than 2')
})

test('what cannot be a type is refused', () => {
  expect(() => t.enum()).toThrow(code('TYPE_MISMATCH'))
  expect(() => t.enum('a', 'a')).toThrow(code('TYPE_MISMATCH'))
  expect(() => t.enum(['a', 'b'] as never)).toThrow(/t\.enum\('a', 'b'\), not an array of 2/u)
  expect(() => t.vector(0)).toThrow(code('TYPE_MISMATCH'))
  expect(() => t.vector(16_001)).toThrow(code('TYPE_MISMATCH'))
  expect(() => t.array(t.int().nullable())).toThrow('the elements of an array cannot be null')
  expect(() => t.array('text' as never)).toThrow('a column is described by t.text(), t.int(), …, not by the text "text"')
  expect(() => t.record({ eq: t.int() })).toThrow("a field cannot be called 'eq'")
  expect(() => t.record({ _x: t.int() })).toThrow(code('NAME_INVALID'))
  expect(() => t.record({ x: t.int().check((x) => x.gt(1)) })).toThrow("the field 'x' cannot have a check()")
})

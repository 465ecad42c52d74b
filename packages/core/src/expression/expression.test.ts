import { describe, expect, test } from 'vitest'
import { t } from '../column/t.ts'
import { udf } from '../function/udf.ts'
import { createColumnExpression } from './create-column-expression.ts'
import { createRow } from './create-row.ts'
import type { Expression } from './expression.ts'
import type { ExpressionOf } from './expression-of.ts'
import { expressionFunctions, expressionNode, isExpression } from './expression-state.ts'
import { lit } from './lit.ts'
import { now } from './now.ts'
import { obj } from './obj.ts'
import { prompt } from './prompt.ts'
import type { RecordType } from '../value/value-type.ts'
import type { Column } from '../column/column.ts'
import type { NumberType, TextType } from '../value/value-type.ts'
import { describeNode } from './tree/describe-node.ts'
import { when } from './when.ts'
import type { DataType } from '../value/data-type.ts'
import type * as value from '../value/value-type.ts'

const code = (error: string) => expect.objectContaining({ code: error }) as Error
const show = (expression: Expression) => describeNode(expressionNode(expression))
const typeOf = (expression: Expression) => expressionNode(expression).type

function column<T extends value.ValueType>(name: string, type: DataType): ExpressionOf<T, never> {
  return createColumnExpression(name, type) as ExpressionOf<T, never>
}
const title = column<TextType>('title', { kind: 'text' })
const year = column<NumberType>('year', { kind: 'int' })
const score = column<NumberType>('score', { kind: 'float' })
const on = column<value.BooleanType>('on', { kind: 'boolean' })
const state = column<TextType<'draft' | 'live'>>('state', { kind: 'enum', values: ['draft', 'live'] })
const doc = column<value.JsonType<{ a: { b: string }[] }>>('doc', { kind: 'json' })
const tags = column<value.ArrayType<TextType>>('tags', { kind: 'array', element: { kind: 'text' } })
const made = column<value.TimestampType>('made', { kind: 'timestamp' })
const day = column<value.DateType>('day', { kind: 'date' })
const point = column<value.VectorType<2>>('point', { kind: 'vector', dimensions: 2 })
const big = column<value.BigintType>('big', { kind: 'bigint' })
const photo = column<value.ImageType>('photo', { kind: 'image' })
const song = column<RecordType<{ tempo: Column<NumberType>; name: Column<TextType, 'nullable'> }>>('song', {
  kind: 'record',
  fields: { tempo: { type: { kind: 'float' }, nullable: false }, name: { type: { kind: 'text' }, nullable: true } },
})

describe('every method makes the node of the table of operators', () => {
  test.each<[text: string, kind: DataType['kind'], expression: Expression]>([
    ['year.lt(40)', 'boolean', year.lt(40)],
    ['year.lt(1.5)', 'boolean', year.lt(1.5)],
    ['year.add(score)', 'float', year.add(score)],
    ['big.mul("3")', 'bigint', big.mul(3n)],
    ['score.round(2)', 'float', score.round(2)],
    ['year.between(1, score)', 'boolean', year.between(1, score)],
    ['title.like("a%")', 'boolean', title.like('a%')],
    ['title.replace("a", "b")', 'text', title.replace('a', 'b')],
    ['title.split(",")', 'array', title.split(',')],
    ['title.length()', 'int', title.length()],
    ['state.in(["draft"])', 'boolean', state.in(['draft'])],
    ['state.orElse("live")', 'enum', state.orElse('live')],
    ['year.orElse(1.5)', 'float', year.orElse(1.5)],
    ['year.orElse(score)', 'float', year.orElse(score)],
    ['year.orElse(1)', 'int', year.orElse(1)],
    ['year.cast(text)', 'text', year.cast(t.text())],
    ['on.and(year.isNull()).not()', 'boolean', on.and(year.isNull()).not()],
    ['doc.at("a", 0, "b").as(text)', 'text', doc.at('a', 0, 'b').as(t.text())],
    ['song.tempo.gt(3)', 'boolean', song.tempo.gt(3)],
    ['song.name.orElse("?")', 'text', song.name.orElse('?')],
    ['made.extract("year")', 'int', made.extract('year')],
    ['made.extract("epoch")', 'float', made.extract('epoch')],
    ['made.trunc("day").add({"months":1,"days":-2})', 'timestamp', made.trunc('day').add({ months: 1, days: -2 })],
    ['day.sub({"weeks":1})', 'date', day.sub({ weeks: 1 })],
    ['made.lt(now())', 'boolean', made.lt(now())],
    ['tags.at(0)', 'text', tags.at(0)],
    ['tags.length()', 'int', tags.length()],
    ['tags.contains(title)', 'boolean', tags.contains(title)],
    ['point.distance([1,2], "l2")', 'float', point.distance([1, 2], { metric: 'l2' })],
    ['point.similarity([1,2])', 'float', point.similarity(Float32Array.of(1, 2))],
    ['photo.width.div(photo.height)', 'float', photo.width.div(photo.height)],
    ['photo.metadata.at("sha256")', 'json', photo.metadata.at('sha256')],
    ['photo.mimeType.eq("image/png")', 'boolean', photo.mimeType.eq('image/png')],
    ['when(on, title, null)', 'text', when(on, title, null)],
    ['when(on, 1, 2.5)', 'float', when(on, 1, 2.5)],
    ['when(on, null, state)', 'enum', when(on, null, state)],
    ['when(on, title, state)', 'text', when(on, title, state)],
    ['obj({ a: title, n: obj({ y: year }) })', 'json', obj({ a: title, n: { y: year } })],
    ['prompt`Tags for ${title} of 3, ${song}`', 'text', prompt`Tags for ${title} of ${3}, ${song}`],
    ['"1970-01-01T00:00:00.000Z"', 'timestamp', lit(new Date(0))],
  ])('%s: %s', (text, kind, expression) => {
    expect(show(expression)).toBe(text)
    expect(typeOf(expression).kind).toBe(kind)
  })
})

describe('refused, saying what was given and where', () => {
  test.each<[() => unknown, string, string]>([
    [() => year.lt('40' as never), 'TYPE_MISMATCH', 'lt() of year takes float, not the text "40"'],
    [() => title.eq(year as never), 'TYPE_MISMATCH', 'eq() of title takes text, not int (year)'],
    [() => title.eq(null as never), 'TYPE_MISMATCH', 'null is asked for with isNull()'],
    [() => state.eq('gone' as never), 'TYPE_MISMATCH', "takes enum('draft', 'live'), not the text \"gone\""],
    [() => title.contains('a\0'), 'VALUE_INVALID', 'contains a NUL character'],
    [() => title.like('a\\'), 'EXPRESSION_INVALID', "ends with '\\'"],
    [() => title.split(''), 'EXPRESSION_INVALID', 'not empty'],
    [() => score.round(16), 'EXPRESSION_INVALID', '0 to 15 digits'],
    [() => tags.at(-1), 'EXPRESSION_INVALID', 'an index from 0'],
    [() => doc.at(...([] as never)), 'EXPRESSION_INVALID', 'at least one step'],
    [() => made.add({}), 'EXPRESSION_INVALID', 'such as { days: 7 }'],
    [() => made.add({ days: 1.5 }), 'EXPRESSION_INVALID', 'not days: 1.5'],
    [() => day.add({ hours: 1 } as never), 'EXPRESSION_INVALID', 'not hours: 1'],
    [() => day.extract('hour' as never), 'EXPRESSION_INVALID', 'not the text "hour"'],
    [() => point.similarity([1, 2, 3]), 'VALUE_INVALID', 'has 3 dimensions instead of 2'],
    [() => point.cast(t.int()), 'TYPE_MISMATCH', 'vector(2) cannot become int'],
    [() => prompt`a ${point}`, 'TYPE_MISMATCH', 'which has no text'],
    [() => when(on, title, 1 as never), 'TYPE_MISMATCH', 'when() takes text, not the number 1'],
    [() => when(on, null, null), 'TYPE_MISMATCH', 'null on all sides'],
    [() => when(true as never, 5 as never, title as never), 'TYPE_MISMATCH', 'when() takes text'],
    [() => obj({ a: 5 as never }), 'TYPE_MISMATCH', 'an expression is expected, not the number 5'],
    [() => lit({} as never), 'TYPE_MISMATCH', 'an object cannot be a constant'],
    [() => Reflect.apply(String, undefined, [title]), 'EXPRESSION_INVALID', 'use its methods'],
    [() => (title.upper() as never as { similarity(query: string): unknown }).similarity('x'), 'EXPRESSION_INVALID', 'only a column can have'],
  ])('%#', (build, error, message) => {
    expect(build).toThrow(code(error))
    expect(build).toThrow(message)
  })
})

test('an expression is frozen, never callable, never thenable, and plain to the language’s protocols', async () => {
  expect(Object.isFrozen(title)).toBe(true)
  expect(Object.isFrozen(expressionNode(title.eq('x')))).toBe(true)
  expect(typeof title).toBe('object')
  expect(await Promise.resolve<unknown>(title)).toBe(title)
  for (const name of ['then', 'toJSON', Symbol.iterator, Symbol.toPrimitive, Symbol.asyncIterator]) expect(Reflect.get(title, name)).toBe(undefined)
  expect(isExpression(title)).toBe(true)
  expect(isExpression({ node: 'column' })).toBe(false)
})

test('the functions of all operands travel with an expression', () => {
  const f = udf({ name: 'f', input: [t.text()], output: t.int() }, (text) => text.length)
  const g = udf({ name: 'g', input: [t.int()], output: t.boolean() }, (n) => n > 1)
  const used = when(g(f(title)), f(title), 0).add(1)
  expect([...expressionFunctions(used)].map(({ name }) => name)).toEqual(['g', 'f'])
  expect(expressionFunctions(obj({ a: f(title) })).size).toBe(1)
  expect(expressionFunctions(prompt`${f(title)}`).size).toBe(1)
  expect(expressionFunctions(title.upper()).size).toBe(0)
})

describe('a row', () => {
  const row = createRow(
    [
      { name: 'then', type: { kind: 'int' } },
      { name: 'constructor', type: { kind: 'int' } },
      { name: 'similarity', type: { kind: 'text' } },
      { name: 'caption', type: { kind: 'text' }, computed: true },
    ],
    1,
    'things',
  ) as Readonly<Record<string, Expression>>

  test('has its columns, whatever they are called, and _id', () => {
    expect(Object.keys({ ...row })).toEqual(['then', 'constructor', 'similarity', 'caption'])
    expect(expressionNode(row['_id'] as Expression)).toEqual({ node: 'column', source: 1, column: '_id', type: { kind: 'int' } })
    for (const name of Object.keys(row)) expect(isExpression(row[name])).toBe(true)
  })

  test('throws for any other name and ignores symbols', () => {
    expect(() => row['captoin']).toThrow("'things' has no column 'captoin'; did you mean 'caption'?")
    expect(() => row['toString']).toThrow(code('COLUMN_NOT_FOUND'))
    expect(Reflect.get(row, Symbol.iterator)).toBe(undefined)
  })

  test('gives what is known of a computed column’s cell', () => {
    const { cell } = row['caption'] as unknown as { readonly cell: Readonly<Record<string, Expression>> }
    expect(show(cell['status'] as Expression)).toBe('caption.cell.status')
    expect(typeOf(cell['computedAt'] as Expression).kind).toBe('timestamp')
    expect(show((row['caption'] as typeof title).upper())).toBe('caption.upper()')
    expect('cell' in (row['similarity'] as Expression)).toBe(false)
  })
})

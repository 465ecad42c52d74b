import { castRule, type DataType, encodeJson, type ExpressionNode, type OperatorName } from '@vivant/core'
import { notExpressible } from '@vivant/storage'
import fc from 'fast-check'
import { orNull, valueOf } from './values.ts'

const scalar = (kind: 'text' | 'int' | 'float' | 'bigint' | 'boolean' | 'timestamp' | 'date' | 'uuid' | 'binary'): DataType => ({ kind })
const text = scalar('text')
const int = scalar('int')
const float = scalar('float')
const bigint = scalar('bigint')
const boolean = scalar('boolean')
const timestamp = scalar('timestamp')
const date = scalar('date')
const uuid = scalar('uuid')
const json: DataType = { kind: 'json' }
const record: DataType = {
  kind: 'record',
  fields: {
    n: { type: int, nullable: true },
    x: { type: float, nullable: false },
    "it's": { type: text, nullable: true },
    at: { type: timestamp, nullable: true },
    big: { type: bigint, nullable: true },
    day: { type: date, nullable: true },
    more: { type: json, nullable: true },
    list: { type: { kind: 'array', element: json }, nullable: true },
  },
}
const mood: DataType = { kind: 'enum', values: ['good', 'bad', "it's"] }
const image: DataType = { kind: 'image' }
const vector: DataType = { kind: 'vector', dimensions: 3 }
const arrayOf = (element: DataType): DataType => ({ kind: 'array', element })

/** The columns of the rows: two of most types, so that they can meet. */
export const columns: Readonly<Record<string, DataType>> = {
  text1: text,
  text2: text,
  int1: int,
  int2: int,
  float1: float,
  float2: float,
  bigint1: bigint,
  bigint2: bigint,
  boolean1: boolean,
  boolean2: boolean,
  timestamp1: timestamp,
  timestamp2: timestamp,
  date1: date,
  date2: date,
  uuid1: uuid,
  uuid2: uuid,
  binary1: scalar('binary'),
  binary2: scalar('binary'),
  json1: json,
  json2: json,
  record1: record,
  record2: record,
  mood1: mood,
  image1: image,
  vector1: vector,
  vector2: vector,
  texts: arrayOf(text),
  ints: arrayOf(int),
  floats: arrayOf(float),
  bigints: arrayOf(bigint),
  booleans: arrayOf(boolean),
  timestamps: arrayOf(timestamp),
  dates: arrayOf(date),
  uuids: arrayOf(uuid),
  binaries: arrayOf(scalar('binary')),
  moods: arrayOf(mood),
  images: arrayOf(image),
  jsons: arrayOf(json),
  records: arrayOf(record),
  lists: arrayOf(arrayOf(int)),
  vectors: arrayOf(vector),
}

/** What both sides are told about media. */
export const mediaWidths: Readonly<Record<string, number>> = { 'vivant://aa.png': 640 }

const equatable = Object.values(columns).filter((type, index, all) => all.findIndex((other) => sameKey(other, type)) === index)
const ordered = [int, float, bigint, text, mood, timestamp, date, uuid]
const arrays = equatable.filter((type) => type.kind === 'array')
const paths = fc.array(fc.constantFrom<string | number>('a', 'b', '0', 'missing', 0, 1, 7), { minLength: 1, maxLength: 3 })
const words = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '%', ' ', '😀', 'é', "'", '$', '&'), minLength: 1, maxLength: 3 })
const patterns = fc
  .array(fc.constantFrom('a', 'B', 'b', '%', '_', '\\\\', '\\%', '\\_', '\\a', '😀', ' ', 'é'), { maxLength: 6 })
  .map((parts) => parts.join(''))
const amounts = fc.oneof(
  fc.integer({ min: -40, max: 40 }),
  fc.integer({ min: -2_147_483_647, max: 2_147_483_647 }),
  fc.constantFrom(-12_000, 12_000, 3_652_058),
)
const dayDurations = fc.record({ years: amounts, months: amounts, weeks: amounts, days: amounts }, { requiredKeys: [] })
const durations = fc.oneof(
  dayDurations,
  fc.record(
    { months: fc.integer({ min: -30, max: 30 }), days: amounts, hours: amounts, minutes: amounts, seconds: amounts, milliseconds: amounts },
    { requiredKeys: [] },
  ),
)

/** An expression of a type, at most `depth` operators deep; every operator occurs. */
export function expressionOf(type: DataType, depth: number): fc.Arbitrary<ExpressionNode> {
  const key = `${depth} ${JSON.stringify(type)}`
  const known = memo.get(key)
  if (known) return known
  const leaf = leafOf(type)
  const made = depth === 0 ? leaf : fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 4, arbitrary: fc.oneof(...operatorsOf(type, depth - 1)) })
  memo.set(key, made)
  return made
}
const memo = new Map<string, fc.Arbitrary<ExpressionNode>>()

function leafOf(type: DataType): fc.Arbitrary<ExpressionNode> {
  const names = Object.keys(columns).filter((name) => sameKey(columns[name] as DataType, type))
  const literal = orNull(valueOf(type)).map((value) => literalOf(type, value))
  if (names.length === 0) return literal
  const column = fc.constantFrom(...names).map((name): ExpressionNode => ({ node: 'column', source: 0, column: name, type }))
  return fc.oneof({ weight: 3, arbitrary: column }, { weight: 1, arbitrary: literal })
}

function operatorsOf(type: DataType, depth: number): fc.Arbitrary<ExpressionNode>[] {
  const of = (operand: DataType): fc.Arbitrary<ExpressionNode> => expressionOf(operand, depth)
  const make = (
    operator: OperatorName,
    operands: readonly fc.Arbitrary<ExpressionNode>[],
    options: fc.Arbitrary<Readonly<Record<string, unknown>> | undefined> = fc.constant(undefined),
  ): fc.Arbitrary<ExpressionNode> =>
    fc.tuple(fc.tuple(...operands), options).map(([nodes, given]) => ({ node: 'operator', operator, operands: nodes, type, ...(given && { options: given }) }))
  const number = fc.constantFrom(int, float)
  const any = [
    ...oneOf([make('orElse', [of(type), of(type)]), make('when', [of(boolean), of(type), of(type)])]),
    ...oneOf(equatable.filter((from) => !sameKey(from, type) && isExpressible('cast', from, type)).map((from) => make('cast', [of(from)]))),
    ...oneOf([json].filter((from) => isExpressible('jsonAs', from, type)).map((from) => make('jsonAs', [of(from)]))),
  ]
  const fields = Object.entries((record as Extract<DataType, { kind: 'record' }>).fields)
  any.push(
    ...oneOf(
      fields
        .filter(([, field]) => sameKey(field.type, type) && isExpressible('field', record, type))
        .map(([name]) => make('field', [of(record)], fc.constant({ name }))),
    ),
  )
  if (equatable.some((other) => sameKey(other, arrayOf(type))))
    any.push(make('arrayAt', [of(arrayOf(type))], fc.record({ index: fc.integer({ min: 0, max: 4 }) })))
  switch (type.kind) {
    case 'boolean':
      return [
        ...any,
        make('and', [of(boolean), of(boolean)]),
        make('or', [of(boolean), of(boolean)]),
        make('not', [of(boolean)]),
        ...oneOf(equatable.map((from) => make('isNull', [of(from)]))),
        ...oneOf(equatable.map((from) => make('eq', [of(from), of(from)]))),
        ...oneOf(equatable.map((from) => make('ne', [of(from), of(from)]))),
        ...oneOf(
          equatable.map((from) =>
            fc.tuple(of(from), fc.array(valueOf(from), { maxLength: 3 })).map(([x, values]): ExpressionNode => ({
              node: 'operator',
              operator: 'in',
              operands: [x, ...values.map((value) => literalOf(from, value))],
              type,
            })),
          ),
        ),
        make('eq', [of(int), of(float)]),
        make('lt', [of(int), of(float)]),
        ...(['gt', 'gte', 'lt', 'lte'] as const).flatMap((operator) => oneOf(ordered.map((from) => make(operator, [of(from), of(from)])))),
        ...oneOf(ordered.map((from) => make('between', [of(from), of(from), of(from)]))),
        make('like', [of(text)], fc.record({ pattern: patterns })),
        make('ilike', [of(text)], fc.record({ pattern: patterns })),
        make('contains', [of(text), of(text)]),
        make('startsWith', [of(text), of(text)]),
        ...oneOf(arrays.map((from) => make('arrayContains', [of(from), of(from.element)]))),
        make('arrayContains', [of(arrayOf(float)), of(int)]),
      ]
    case 'float':
      return [
        ...any,
        ...(['add', 'sub', 'mul', 'div', 'mod'] as const).flatMap((operator) => [
          make(operator, [of(float), of(float)]),
          number.chain((a) => number.chain((b) => make(operator, [of(a), of(b)]))),
        ]),
        number.chain((a) => make('abs', [of(a)])),
        number.chain((a) => make('round', [of(a)], fc.record({ digits: fc.integer({ min: 0, max: 15 }) }))),
        make('extract', [of(timestamp)], fc.record({ field: fc.constantFrom('second', 'epoch') })),
      ]
    case 'bigint':
      return [...any, ...(['add', 'sub', 'mul', 'div', 'mod'] as const).map((operator) => make(operator, [of(bigint), of(bigint)])), make('abs', [of(bigint)])]
    case 'int':
      return [
        ...any,
        make('length', [of(text)]),
        make('extract', [of(timestamp)], fc.record({ field: fc.constantFrom('year', 'month', 'day', 'dayOfWeek', 'hour', 'minute') })),
        make('extract', [of(date)], fc.record({ field: fc.constantFrom('year', 'month', 'day', 'dayOfWeek') })),
        ...oneOf(arrays.map((from) => make('arrayLength', [of(from)]))),
        make('mediaProperty', [of(image)], fc.constant({ property: 'width' })),
      ]
    case 'text':
      return [
        ...any,
        make('concat', [of(text), of(text)]),
        make('concat', [of(mood), of(text)]),
        make('upper', [of(text)]),
        make('lower', [of(text)]),
        make('trim', [of(text)]),
        make('replace', [of(text)], fc.record({ from: words, to: fc.oneof(words, fc.constant('')) })),
        fc
          .array(fc.constantFrom(...equatable.filter((from) => isExpressible('cast', from, text))), { maxLength: 3 })
          .chain((types) =>
            make('template', types.map(of), fc.record({ strings: fc.array(words, { minLength: types.length + 1, maxLength: types.length + 1 }) })),
          ),
      ]
    case 'timestamp':
      return [
        ...any,
        make('trunc', [of(timestamp)], fc.record({ field: fc.constantFrom('year', 'month', 'day', 'hour', 'minute', 'second') })),
        make('addDuration', [of(timestamp)], fc.record({ duration: durations })),
        make('subDuration', [of(timestamp)], fc.record({ duration: durations })),
      ]
    case 'date':
      return [
        ...any,
        make('addDuration', [of(date)], fc.record({ duration: dayDurations })),
        make('subDuration', [of(date)], fc.record({ duration: dayDurations })),
      ]
    case 'json':
      return [
        ...any,
        make('jsonAt', [of(json)], fc.record({ path: paths })),
        fc
          .array(fc.tuple(words, fc.constantFrom(...equatable).chain(of)), { maxLength: 3 })
          .map((entries): ExpressionNode => ({ node: 'object', fields: Object.fromEntries(entries), type })),
      ]
    case 'array':
      return type.element.kind === 'text' ? [...any, make('split', [of(text)], fc.record({ separator: words }))] : any
    default:
      return any
  }
}

/** One of every type. */
export const anyExpression = (depth: number): fc.Arbitrary<ExpressionNode> => fc.constantFrom(...equatable).chain((type) => expressionOf(type, depth))

function literalOf(type: DataType, value: unknown): ExpressionNode {
  return { node: 'literal', value: encodeJson(type, value), type }
}

/** What is left to JavaScript is no use here. */
function isExpressible(operator: OperatorName, from: DataType, to: DataType): boolean {
  if (operator === 'cast' && castRule(from, to) === undefined) return false
  return notExpressible({ node: 'operator', operator, operands: [literalOf(from, null)], options: { name: '' }, type: to }) === undefined
}

/** Many arbitraries with the weight of one; none gives none. */
function oneOf<T>(arbitraries: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T>[] {
  return arbitraries.length === 0 ? [] : [fc.oneof(...arbitraries)]
}

function sameKey(a: DataType, b: DataType): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

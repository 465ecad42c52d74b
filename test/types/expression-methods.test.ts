import type {
  ArrayExpression,
  ArrayType,
  AudioExpression,
  BigintExpression,
  BinaryType,
  BooleanExpression,
  Comparable,
  DateExpression,
  DocumentExpression,
  ExpressionByKind,
  FileExpression,
  ImageExpression,
  JsonExpression,
  NumberExpression,
  Ordered,
  RecordExpression,
  TextExpression,
  TextType,
  TimestampExpression,
  UuidExpression,
  ValueType,
  VectorExpression,
  VideoExpression,
} from 'vivant'
import { expect, expectTypeOf, test } from 'vitest'
import { t } from 'vivant'
import { withRow } from './things.ts'

type Methods<X> = Exclude<keyof X, symbol>
type Common = 'eq' | 'ne' | 'in' | 'isNull' | 'orElse' | 'cast'
type Order = 'gt' | 'gte' | 'lt' | 'lte' | 'between'
test('each kind has these methods, and no others', () => {
  expectTypeOf<keyof ExpressionByKind<ValueType, null>>().toEqualTypeOf<
    | 'text'
    | 'number'
    | 'bigint'
    | 'boolean'
    | 'timestamp'
    | 'date'
    | 'uuid'
    | 'binary'
    | 'json'
    | 'record'
    | 'array'
    | 'vector'
    | 'image'
    | 'video'
    | 'audio'
    | 'document'
    | 'file'
  >()
  type Text = 'concat' | 'upper' | 'lower' | 'trim' | 'length' | 'like' | 'ilike' | 'contains' | 'startsWith' | 'replace' | 'split' | 'similarity'
  type Medium = Common | 'metadata' | 'sizeBytes' | 'mimeType' | 'similarity'
  expectTypeOf<Methods<Comparable<BinaryType, null>>>().toEqualTypeOf<Common>()
  expectTypeOf<Methods<Ordered<TextType, null>>>().toEqualTypeOf<Common | Order>()
  expectTypeOf<Methods<TextExpression<string, null>>>().toEqualTypeOf<Common | Order | Text>()
  expectTypeOf<Methods<NumberExpression<null>>>().toEqualTypeOf<Common | Order | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'abs' | 'round'>()
  expectTypeOf<Methods<BigintExpression<null>>>().toEqualTypeOf<Common | Order | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'abs'>()
  expectTypeOf<Methods<BooleanExpression<null>>>().toEqualTypeOf<Common | 'and' | 'or' | 'not'>()
  expectTypeOf<Methods<TimestampExpression<null>>>().toEqualTypeOf<Common | Order | 'extract' | 'trunc' | 'add' | 'sub'>()
  expectTypeOf<Methods<DateExpression<null>>>().toEqualTypeOf<Common | Order | 'extract' | 'add' | 'sub'>()
  expectTypeOf<Methods<UuidExpression<null>>>().toEqualTypeOf<Common | Order>()
  expectTypeOf<Methods<JsonExpression<unknown, null>>>().toEqualTypeOf<Common | 'at' | 'as'>()
  expectTypeOf<Methods<ArrayExpression<ArrayType, null>>>().toEqualTypeOf<Common | 'at' | 'length' | 'contains'>()
  expectTypeOf<Methods<VectorExpression<3, null>>>().toEqualTypeOf<Common | 'similarity' | 'distance'>()
  expectTypeOf<Methods<ImageExpression<null>>>().toEqualTypeOf<Medium | 'width' | 'height'>()
  expectTypeOf<Methods<VideoExpression<null>>>().toEqualTypeOf<Medium | 'width' | 'height' | 'duration'>()
  expectTypeOf<Methods<AudioExpression<null>>>().toEqualTypeOf<Medium | 'duration'>()
  expectTypeOf<Methods<DocumentExpression<null>>>().toEqualTypeOf<Medium | 'pageCount'>()
  expectTypeOf<Methods<FileExpression<null>>>().toEqualTypeOf<Medium>()
})

test('a column gives the expression of its kind', () => {
  withRow((x) => {
    expectTypeOf(x.maybeText).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.number).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.big).toEqualTypeOf<BigintExpression<never>>()
    expectTypeOf(x.yes).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.at).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(x.day).toEqualTypeOf<DateExpression<never>>()
    expectTypeOf(x.id).toEqualTypeOf<UuidExpression<never>>()
    expectTypeOf(x.raw).toEqualTypeOf<Comparable<BinaryType, never>>()
    expectTypeOf(x.song).toExtend<RecordExpression<{}, never>>()
    expectTypeOf(x.tags).toEqualTypeOf<ArrayExpression<ArrayType<TextType>, never>>()
    expectTypeOf(x.vector).toEqualTypeOf<VectorExpression<3, never>>()
    expectTypeOf(x.maybeImage).toEqualTypeOf<ImageExpression<null>>()
    expectTypeOf(x.video).toEqualTypeOf<VideoExpression<never>>()
    expectTypeOf(x.audio).toEqualTypeOf<AudioExpression<never>>()
    expectTypeOf(x.paper).toEqualTypeOf<DocumentExpression<never>>()
    expectTypeOf(x.file).toEqualTypeOf<FileExpression<never>>()
    expectTypeOf(x._id).toEqualTypeOf<NumberExpression<never>>()
    // an iterator's view has these, a table has not
    // @ts-expect-error a table has no parent
    expect(() => void x.parent).toThrow("no column 'parent'")
    return x.number
  })
})

test('what every expression can do', () => {
  withRow((x) => {
    expectTypeOf(x.raw.eq(x.raw)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.raw.eq(new Uint8Array())).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.number.ne(x.maybeNumber)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.id.in([crypto.randomUUID()])).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.maybeText.in([])).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.maybeText.isNull()).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.maybeNumber.orElse(1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.maybeNumber.orElse(x.maybeNumber)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.maybeImage.orElse(x.image)).toEqualTypeOf<ImageExpression<never>>()
    expectTypeOf(x.number.cast(t.text())).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.maybeNumber.cast(t.bigint())).toEqualTypeOf<BigintExpression<null>>()
    // @ts-expect-error a number among texts
    expect(() => x.text.in(['a', 3])).toThrow()
    // @ts-expect-error another type in its place
    expect(() => x.maybeNumber.orElse('none')).toThrow()
    // @ts-expect-error a type is given by t
    expect(() => x.number.cast('text')).toThrow()
    // @ts-expect-error whether it is null is asked without an argument
    void (() => x.text.isNull(3))
    return x.number
  })
})

test('what has an order is compared', () => {
  withRow((x) => {
    expectTypeOf(x.number.gt(1)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.number.gte(x.maybeNumber)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.text.lt('b')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.at.lte(new Date())).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.day.lte('2020-01-01')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.big.gt(3n)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.number.between(1, 2)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.number.between(x.maybeNumber, 2)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.maybeNumber.between(1, 2)).toEqualTypeOf<BooleanExpression<null>>()
    // @ts-expect-error one end is text
    expect(() => x.number.between(1, 'b')).toThrow()
    // @ts-expect-error an image has no order
    void x.image.gt
    // @ts-expect-error nor has JSON
    void x.json.lt
    // @ts-expect-error a timestamp with a day's text
    expect(() => x.at.gt(x.day)).toThrow()
    return x.number
  })
})

test('numbers', () => {
  withRow((x) => {
    expectTypeOf(x.number.add(1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.number.sub(x.maybeNumber)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.maybeNumber.mul(2)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.number.div(2)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.number.mod(2)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.number.abs()).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.maybeNumber.round()).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.number.round(2)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.big.add(1n)).toEqualTypeOf<BigintExpression<never>>()
    expectTypeOf(x.big.sub(x.maybeBig)).toEqualTypeOf<BigintExpression<null>>()
    expectTypeOf(x.maybeBig.mul(2n)).toEqualTypeOf<BigintExpression<null>>()
    expectTypeOf(x.big.div(2n)).toEqualTypeOf<BigintExpression<null>>()
    expectTypeOf(x.big.mod(2n)).toEqualTypeOf<BigintExpression<null>>()
    expectTypeOf(x.big.abs()).toEqualTypeOf<BigintExpression<never>>()
    // @ts-expect-error a number with text
    expect(() => x.number.add('1')).toThrow()
    // @ts-expect-error a number with a bigint's column
    expect(() => x.number.mul(x.big)).toThrow()
    // @ts-expect-error digits are a number, not an expression
    expect(() => x.number.round(x.number)).toThrow()
    // @ts-expect-error a bigint has no digits after the point
    void x.big.round
    return x.number
  })
})

test('text', () => {
  withRow((x) => {
    expectTypeOf(x.text.concat('!')).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.text.concat(x.maybeText)).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.text.upper()).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.maybeText.lower()).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.text.trim()).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.maybeText.length()).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.text.like('a%')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.maybeText.ilike('a%')).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.text.contains('a')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.text.startsWith(x.maybeText)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.text.replace('a', 'b')).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.maybeText.split(',')).toEqualTypeOf<ArrayExpression<ArrayType<TextType>, null>>()
    // @ts-expect-error a number is no text
    expect(() => x.text.concat(3)).toThrow()
    // @ts-expect-error nor is a number's column
    expect(() => x.text.contains(x.number)).toThrow()
    // @ts-expect-error a pattern is a text, not an expression
    expect(() => x.text.like(x.text)).toThrow()
    // @ts-expect-error what is replaced is a text
    expect(() => x.text.replace(/a/u, 'b')).toThrow()
    // @ts-expect-error by what it is split is a text
    expect(() => x.text.split()).toThrow()
    return x.text
  })
})

test('booleans', () => {
  withRow((x) => {
    expectTypeOf(x.yes.and(true)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.yes.and(x.maybe)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.yes.or(x.number.gt(1))).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.maybe.not()).toEqualTypeOf<BooleanExpression<null>>()
    // @ts-expect-error a number is no condition
    expect(() => x.yes.and(1)).toThrow()
    // @ts-expect-error nor is text
    expect(() => x.yes.or(x.text)).toThrow()
    return x.yes
  })
})

test('times', () => {
  withRow((x) => {
    for (const field of ['year', 'month', 'day', 'dayOfWeek', 'hour', 'minute', 'second', 'epoch'] as const)
      expectTypeOf(x.maybeAt.extract(field)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.at.trunc('month')).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(x.at.add({ years: 1, months: 1, weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1 })).toEqualTypeOf<
      TimestampExpression<never>
    >()
    expectTypeOf(x.maybeAt.sub({ days: 1 })).toEqualTypeOf<TimestampExpression<null>>()
    expectTypeOf(x.day.extract('dayOfWeek')).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.day.add({ weeks: 2 })).toEqualTypeOf<DateExpression<never>>()
    expectTypeOf(x.day.sub({ years: 1 })).toEqualTypeOf<DateExpression<never>>()
    // @ts-expect-error no such field
    expect(() => x.at.extract('century')).toThrow()
    // @ts-expect-error a date has no hour
    expect(() => x.day.extract('hour')).toThrow()
    // @ts-expect-error a week is no beginning
    expect(() => x.at.trunc('week')).toThrow()
    // @ts-expect-error a duration has units
    expect(() => x.at.add(3)).toThrow()
    // @ts-expect-error no such unit
    expect(() => x.at.sub({ day: 1 })).toThrow()
    // @ts-expect-error a date has no beginning of the month
    void x.day.trunc
    return x.at
  })
})

import {
  type BooleanExpression,
  type JsonExpression,
  type NumberExpression,
  type TextExpression,
  type TimestampExpression,
  type VectorExpression,
  lit,
  now,
  obj,
  prompt,
  t,
  table,
  when,
} from '@vivant/core'
import { expect, expectTypeOf, test } from 'vitest'

interface Doc {
  a: [{ b: string; c?: number }, ...{ b: string; c?: number }[]]
  maybe?: { deep: boolean | null }
}

const things = table('things', {
  title: t.text(),
  note: t.text().nullable(),
  size: t.int(),
  on: t.boolean(),
  state: t.enum('draft', 'live'),
  doc: t.json<Doc>(),
  tags: t.array(t.text()),
  point: t.vector(3),
  other: t.vector(4),
  made: t.timestamp(),
  day: t.date(),
  big: t.bigint(),
  song: t.record({ tempo: t.float(), lyrics: t.text().nullable() }),
  maybeSong: t.record({ tempo: t.float() }).nullable(),
  photo: t.image(),
})

test('each comparison knows its type and whether it may be null', () => {
  things.computed('a', (x) => {
    expectTypeOf(x.size.lt(40)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.note.eq('x')).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.title.eq(x.note)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.note.orElse('none')).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.note.orElse(x.note)).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.tags.at(0)).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.title.cast(t.int())).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.made.extract('year').add(1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.made.add({ days: 1 })).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(x.made.lt(now())).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.state.eq(x.title)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.size.div(2)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.point.similarity(x.point)).toEqualTypeOf<NumberExpression<null>>()
    return x.size
  })
})

test('fields of records and properties of media are expressions', () => {
  things.computed('a', (x) => {
    expectTypeOf(x.song.tempo).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.song.lyrics).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.maybeSong.tempo).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.maybeSong.isNull()).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.photo.width).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.photo.metadata.at('sha256')).toEqualTypeOf<JsonExpression<string, never>>()
    expectTypeOf(x.photo.metadata.at('durationSeconds')).toEqualTypeOf<JsonExpression<number, null>>()
    // @ts-expect-error an image has no duration
    void x.photo.duration
    return x.size
  })
})

test('a JSON path is checked step by step', () => {
  things.computed('a', (x) => {
    expectTypeOf(x.doc.at('a', 0, 'b')).toEqualTypeOf<JsonExpression<string, null>>()
    expectTypeOf(x.doc.at('maybe', 'deep')).toEqualTypeOf<JsonExpression<boolean, null>>()
    expectTypeOf(x.doc.at('a', 0, 'b').as(t.text()).upper()).toEqualTypeOf<TextExpression<string, null>>()
    // @ts-expect-error no such path
    x.doc.at('a', 0, 'x')
    return x.size
  })
})

test('when, obj, prompt and lit infer their types', () => {
  things.computed('a', (x) => {
    expectTypeOf(when(x.on, x.title, 'none')).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(when(x.on, x.title, null)).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(when(x.on, 'a', x.note)).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(when(x.on, null, 1)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(obj({ t: x.title, n: { m: x.made } })).toEqualTypeOf<JsonExpression<{ t: string; n: { m: string } }, never>>()
    expectTypeOf(prompt`Describe ${x.note}, ${3}`).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(lit(3).add(x.size)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.doc.at('maybe').cast(t.vector(3))).toEqualTypeOf<VectorExpression<3, null>>()
    return x.size
  })
})

test('operands of other types are compile errors, and errors at run time', () => {
  things.computed('a', (x) => {
    // @ts-expect-error text with number
    expect(() => x.title.eq(5)).toThrow('takes text')
    // @ts-expect-error text with a number's column
    expect(() => x.title.eq(x.size)).toThrow('takes text')
    // @ts-expect-error not one of the enum
    expect(() => x.state.eq('gone')).toThrow('takes enum')
    // @ts-expect-error null is asked for with isNull()
    expect(() => x.note.eq(null)).toThrow('isNull()')
    // @ts-expect-error another number of dimensions
    expect(() => x.point.similarity(x.other)).toThrow('takes vector(3)')
    // @ts-expect-error both sides of one type
    expect(() => when(x.on, x.title, 1)).toThrow('takes text')
    // @ts-expect-error no such column
    expect(() => void x.titel).toThrow("did you mean 'title'?")
    // @ts-expect-error operators of JavaScript do not apply
    expect(() => void (x.size < 40)).toThrow('use its methods')
    // @ts-expect-error no index
    expect(() => void x.title.similarity('x')).not.toThrow()
    // @ts-expect-error a date has no hours
    expect(() => x.day.add({ hours: 1 })).toThrow('whole numbers of years')
    // @ts-expect-error a bigint with a number
    expect(() => x.big.add(1.5)).toThrow('takes bigint')
    return x.size
  })
})

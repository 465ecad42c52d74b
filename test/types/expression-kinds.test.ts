import type {
  BigintExpression,
  BooleanExpression,
  CellError,
  CellStatus,
  DateExpression,
  Expression,
  HasCell,
  ImageExpression,
  JsonExpression,
  MediaMetadata,
  NumberExpression,
  ReadRow,
  Selected,
  TextExpression,
  TimestampExpression,
} from 'vivant'
import { expect, expectTypeOf, test } from 'vitest'
import { lit, now, obj, prompt, t, when } from 'vivant'
import { withRow, type Things } from './things.ts'

test('JSON, records, arrays', () => {
  withRow((x) => {
    expectTypeOf(x.json.at('c')).toEqualTypeOf<JsonExpression<string, null>>()
    expectTypeOf(x.json.at('a', 'b', 0)).toEqualTypeOf<JsonExpression<number, null>>()
    expectTypeOf(x.json.as(t.text())).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.json.at('a', 'b').as(t.array(t.int()))).toExtend<Expression>()
    expectTypeOf(x.song.tempo).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.song.key).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.song.isNull()).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.tags.at(0)).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.days.at(1)).toEqualTypeOf<DateExpression<null>>()
    expectTypeOf(x.days.length()).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.tags.contains('a')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.tags.contains(x.maybeText)).toEqualTypeOf<BooleanExpression<null>>()
    // @ts-expect-error an index is a number
    void (() => x.json.at('a', 'b', 'first'))
    // @ts-expect-error a type is given by t
    expect(() => x.json.as('text')).toThrow()
    // @ts-expect-error the record has no such field
    void x.song.title
    // @ts-expect-error an index is a number
    expect(() => x.tags.at('0')).toThrow()
    // @ts-expect-error the elements are text
    expect(() => x.tags.contains(3)).toThrow()
    return x.tags
  })
})

test('vectors', () => {
  withRow((x) => {
    expectTypeOf(x.vector.similarity([1, 2, 3])).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.vector.similarity(new Float32Array(3))).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.vector.distance(x.vector)).toEqualTypeOf<NumberExpression<null>>()
    for (const metric of ['cosine', 'l2', 'innerProduct'] as const)
      expectTypeOf(x.vector.distance([1, 2, 3], { metric })).toEqualTypeOf<NumberExpression<null>>()
    // @ts-expect-error text is no vector
    expect(() => x.vector.similarity('cats')).toThrow()
    // @ts-expect-error another number of dimensions
    expect(() => x.vector.distance(x.other)).toThrow()
    // @ts-expect-error no such metric
    void (() => x.vector.distance([1, 2, 3], { metric: 'manhattan' }))
    return x.vector
  })
})

test('media tell of their content without its being read', () => {
  withRow((x) => {
    expectTypeOf(x.image.metadata).toEqualTypeOf<JsonExpression<MediaMetadata, never>>()
    expectTypeOf(x.maybeImage.sizeBytes).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.file.mimeType).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.image.height).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.video.width).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.video.duration).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.audio.duration).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.paper.pageCount).toEqualTypeOf<NumberExpression<null>>()
    // @ts-expect-error an audio has no width
    void x.audio.width
    // @ts-expect-error a file of any kind has no pages
    void x.file.pageCount
    // @ts-expect-error no index on this one: VivantTypeError<"similarity() needs an embedding index: …">
    void (() => void x.image.similarity('a red car'))
    return x.image.width
  })
})

test('a column with an embedding index is searched by what its model takes', () => {
  withRow((x) => {
    expectTypeOf(x.text.similarity('cats')).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.text.similarity(new Float32Array(3), { index: 'text' })).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.text.similarity(x.maybeText)).toEqualTypeOf<NumberExpression<null>>()
    // @ts-expect-error the model does not embed numbers
    void (() => x.text.similarity(5))
    // @ts-expect-error no such option
    void (() => x.text.similarity('cats', { metric: 'l2' }))
    // it is text still
    expectTypeOf(x.text.upper()).toEqualTypeOf<TextExpression<string, never>>()
    return x.text
  })
})

test('a computed column has a cell in a query, whose parts and whole can be selected', () => {
  type Query = ReadRow<Things>
  expectTypeOf<keyof HasCell['cell']>().toEqualTypeOf<'status' | 'error' | 'attempts' | 'computedAt' | 'micros' | 'version'>()
  expectTypeOf<Query['loud']['cell']['status']>().toEqualTypeOf<TextExpression<CellStatus, never>>()
  expectTypeOf<Query['loud']['cell']['error']>().toEqualTypeOf<JsonExpression<CellError, null>>()
  expectTypeOf<Query['loud']['cell']['attempts']>().toEqualTypeOf<NumberExpression<null>>()
  expectTypeOf<Query['loud']['cell']['computedAt']>().toEqualTypeOf<TimestampExpression<null>>()
  expectTypeOf<Query['loud']['cell']['version']>().toEqualTypeOf<NumberExpression<null>>()
  interface Cell {
    status: CellStatus
    error: CellError | null
    attempts: number | null
    computedAt: Date | null
    micros: number | null
    version: number | null
  }
  expectTypeOf<Selected<{ cell: Query['loud']['cell'] }>['cell']>().toExtend<Cell>()
  expectTypeOf<Cell>().toExtend<Selected<{ cell: Query['loud']['cell'] }>['cell']>()
  withRow((x) => {
    // @ts-expect-error cells are asked for by queries: a column made from a state would not follow it
    void x.loud.cell
    return x.loud
  })
})

test('when, lit, now, obj and prompt', () => {
  withRow((x) => {
    expectTypeOf(when(x.maybe, x.number, 1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(when(x.yes, x.image, x.maybeImage)).toEqualTypeOf<ImageExpression<null>>()
    expectTypeOf(lit('a')).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(lit(1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(lit(1n)).toEqualTypeOf<BigintExpression<never>>()
    expectTypeOf(lit(true)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(lit(new Date())).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(now()).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(obj({ a: x.text, b: { at: x.at, big: x.maybeBig, raw: x.raw, vector: x.vector, image: x.image } })).toEqualTypeOf<
      JsonExpression<{ a: string; b: { at: string; big: string | null; raw: string; vector: readonly number[]; image: string } }, never>
    >()
    expectTypeOf(prompt`${x.text} of ${x.at}, ${1n}, ${true}`).toEqualTypeOf<TextExpression<string, never>>()
    // @ts-expect-error a condition is an expression
    void (() => when(true, 'a', 'b'))
    // @ts-expect-error a list is no literal
    expect(() => lit([1])).toThrow()
    // @ts-expect-error an object is no literal
    expect(() => lit({ a: 1 })).toThrow()
    // @ts-expect-error obj takes expressions: lit(1)
    expect(() => obj({ a: 1 })).toThrow()
    // @ts-expect-error null has no text
    void (() => prompt`${null}`)
    // @ts-expect-error now() takes nothing
    void (() => now('UTC'))
    return x.text
  })
})

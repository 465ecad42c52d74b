import {
  each,
  iterator,
  type ColumnsOfIteration,
  type Image,
  type MediaInput,
  type Iteration,
  type NumberType,
  type TextType,
  type Column,
  t,
  table,
  type JsonType,
} from '@vivant/core'
import { expect, expectTypeOf, test } from 'vitest'

const lines = iterator(
  { name: 'lines', input: [t.text(), t.int().default(9)], output: { line: t.text(), number: t.int().nullable() } },
  function* (text, limit, { signal }) {
    expectTypeOf(text).toEqualTypeOf<string>()
    expectTypeOf(limit).toEqualTypeOf<number>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    for (const line of text.split('\n')) yield { line, number: null }
  },
)
const tiles = iterator({ name: 'tiles', input: [t.image()], output: { tile: t.image() } }, async function* (picture) {
  expectTypeOf(picture).toEqualTypeOf<Image>()
  yield await Promise.resolve({ tile: new Uint8Array() })
})
declare const photo: Image
type Lines = { readonly line: Column<TextType>; readonly number: Column<NumberType, 'nullable'> }

test('with values it iterates, as its code does', () => {
  expectTypeOf(lines('a')).toEqualTypeOf<Generator<{ readonly line: string; readonly number: number | null }, void, undefined>>()
  expectTypeOf(() => tiles(photo)).returns.toEqualTypeOf<AsyncGenerator<{ readonly tile: MediaInput }, void, undefined>>()
  // @ts-expect-error the column is a number
  iterator({ input: [], output: { n: t.int() } }, () => [{ n: 'a' }])
  // @ts-expect-error a field is missing
  iterator({ input: [], output: { n: t.int(), m: t.int() } }, function* () {
    yield { n: 1 }
  })
})

test('with an expression it gives the columns of a view', () => {
  table('posts', { body: t.text(), tags: t.array(t.text()), doc: t.json<readonly { a: number }[]>(), any: t.json<unknown>(), n: t.int() }).computed(
    'x',
    (post) => {
      expectTypeOf(lines(post.body)).toEqualTypeOf<Iteration<Lines>>()
      expectTypeOf(lines('a', post.n)).toEqualTypeOf<Iteration<Lines>>()
      expectTypeOf(lines.iteration('a')).toEqualTypeOf<Iteration<Lines>>()
      expectTypeOf<ColumnsOfIteration<Iteration<Lines>>>().toEqualTypeOf<Lines>()
      expectTypeOf(each(post.tags)).toEqualTypeOf<Iteration<{ readonly value: Column<TextType> }>>()
      expectTypeOf(each(post.doc)).toEqualTypeOf<Iteration<{ readonly value: Column<JsonType<{ a: number }>, 'nullable'> }>>()
      expectTypeOf(each(post.any)).toEqualTypeOf<Iteration<{ readonly value: Column<JsonType, 'nullable'> }>>()
      // @ts-expect-error a number is no list
      expect(() => each(post.n)).toThrow('not int')
      // @ts-expect-error the first argument is a text
      expect(() => lines(post.n)).toThrow('takes text, not int')
      return post.n
    },
  )
  expectTypeOf(each([1, 2])).toEqualTypeOf<Generator<{ readonly value: number }, void, undefined>>()
})

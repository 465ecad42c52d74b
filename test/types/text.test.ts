import { type Column, type Iteration, table, t, type ArrayType, type NumberType, type TextType } from '@vivant/core'
import { expectTypeOf, test } from 'vitest'
import { type Segment, segments } from 'vivant/text'

type Columns = {
  readonly text: Column<TextType>
  readonly start: Column<NumberType>
  readonly end: Column<NumberType>
  readonly headings: Column<ArrayType<TextType>>
}

test('segments of an expression are the rows of a view, those of a text are iterated', () => {
  table('docs', { body: t.text(), n: t.int() }).computed('x', (doc) => {
    expectTypeOf(segments(doc.body, { by: 'tokens', limit: 400, overlap: 50 })).toEqualTypeOf<Iteration<Columns>>()
    return doc.n
  })
  expectTypeOf(segments('a', { by: 'line' })).toEqualTypeOf<Generator<Segment, void, undefined>>()
  // @ts-expect-error there is no such unit
  segments('a', { by: 'page' })
})

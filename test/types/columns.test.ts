import {
  type Expression,
  type Insertable,
  type JsonType,
  type MediaInput,
  type ReadRow,
  type SchemaOf,
  type Selectable,
  type TextType,
  type Updateable,
  t,
  table,
} from '@vivant/core'
import type { Image, NumberExpression, ReadySelectRow, TextExpression } from '@vivant/core'
import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

export const products = table('products', {
  sku: t.text().min(3).unique(),
  label: t.text().nullable(),
  state: t.enum('draft', 'live').default('draft'),
  price: t.float().check((price) => price.gt(0)),
  stock: t.bigint().default(0n),
  tags: t.array(t.text()),
  added: t.timestamp(),
  meta: t.json(z.object({ color: z.string(), size: z.number().default(1) })),
  shape: t.json(v.object({ sides: v.number() })).nullable(),
  any: t.json().nullable(),
  song: t.record({ tempo: t.float(), lyrics: t.text().nullable() }),
  point: t.vector(3),
  photo: t.image(),
  manual: t.file().nullable(),
  // names that are methods elsewhere (`then` too, see the tests of rows): a row has no methods, so all of them are safe
  similarity: t.text(),
  name: t.text(),
  constructor: t.int(),
  parent: t.int().nullable(),
})
  .computed('shout', (product) => product.label.orElse('').upper())
  .computed('quiet', (product) => product.sku.lower(), { when: (product) => product.price.gt(3) })
  .computed('lenient', (product) => product.sku.lower(), { onError: 'null' })

type Row = Selectable<typeof products>
type New = Insertable<typeof products>

test('a row that is read has the values of its columns', () => {
  type Some = 'sku' | 'label' | 'state' | 'stock' | 'tags' | 'added' | 'meta' | 'shape' | 'song' | 'photo' | 'shout' | 'constructor'
  expectTypeOf<Pick<Row, Some>>().toEqualTypeOf<{
    sku: string
    label: string | null
    state: 'draft' | 'live'
    stock: bigint
    tags: readonly string[]
    added: Date
    meta: { color: string; size: number }
    shape: { sides: number } | null
    song: { readonly tempo: number; readonly lyrics: string | null }
    photo: Image
    shout: string | null
    constructor: number
  }>()
})

test('a computed column is not null when it is ready, unless its options say so', () => {
  expectTypeOf<Pick<ReadySelectRow<SchemaOf<typeof products>>, 'shout' | 'quiet' | 'lenient'>>().toEqualTypeOf<{
    shout: string
    quiet: string | null
    lenient: string | null
  }>()
})

test('a row that is written takes what the columns accept, and leaves out what has a default', () => {
  expectTypeOf<New['meta']>().toEqualTypeOf<{ color: string; size?: number | undefined }>()
  expectTypeOf<New['added']>().toEqualTypeOf<Date | string>()
  expectTypeOf<New['photo']>().toEqualTypeOf<MediaInput>()
  expectTypeOf<New['song']>().toEqualTypeOf<{ readonly tempo: number; readonly lyrics: string | null }>()
  expectTypeOf<Pick<New, 'label' | 'state'>>().toEqualTypeOf<{ label?: string | null; state?: 'draft' | 'live' }>()
  expectTypeOf<Updateable<typeof products>['label']>().toEqualTypeOf<string | null | Expression<TextType> | undefined>()
  expectTypeOf<Extract<Updateable<typeof products>['meta'], Expression>>().toEqualTypeOf<
    Expression<JsonType<{ color: string; size: number }, { color: string; size?: number | undefined }>, never>
  >()
  // @ts-expect-error computed: Vivant writes it
  const written: Pick<New, 'shout'> = { shout: 'LOUD' }
  void written
})

test('the row of a query knows the cells of computed columns', () => {
  type Product = ReadRow<SchemaOf<typeof products>>
  expectTypeOf<Product['shout']['cell']['status']>().toExtend<TextExpression<string, never>>()
  expectTypeOf<Product['shout']['cell']['micros']>().toEqualTypeOf<NumberExpression<null>>()
  // @ts-expect-error a stored column has no cell
  expectTypeOf<Product['sku']['cell']>().toBeNever()
})

test('what a builder does not take is a compile error', () => {
  // @ts-expect-error a default must be one of the values
  expect(() => t.enum('draft', 'live').default('gone')).toThrow('is not one of draft, live')
  // @ts-expect-error a rule is a condition
  expect(() => t.int().check((column) => column.add(1))).toThrow('a check is a condition')
  // @ts-expect-error reserved
  expect(() => table('x', { _id: t.int() })).toThrow("starts with '_'")
  // @ts-expect-error a constraint names the table's columns
  expect(() => table('x', { a: t.int() }, { unique: [['b']] })).toThrow("has no column 'b'")
  // @ts-expect-error there already
  expect(() => products.computed('sku', (product) => product.name)).toThrow("already has a column 'sku'")
  // @ts-expect-error a value where an expression is expected
  expect(() => products.computed('n', () => 5)).toThrow('an expression is expected')
})

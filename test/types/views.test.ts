import { expect, expectTypeOf, test } from 'vitest'
import {
  type Column,
  type Database,
  each,
  type HasSchema,
  iterator,
  type NumberType,
  type SchemaOf,
  type Table,
  type TextType,
  t,
  table,
  udf,
  view,
} from 'vivant'

const lines = iterator({ name: 'lines', input: [t.text()], output: { text: t.text(), number: t.int().nullable() } }, function* (body) {
  for (const text of body.split('\n')) yield { text, number: null }
})
const size = udf({ name: 'size', input: [t.text()], output: t.int() }, (text) => text.length)
const posts = table('posts', { body: t.text().nullable(), tags: t.array(t.text()), draft: t.boolean().default(false), n: t.int() })
const parts = view('parts', { of: posts, iterate: (post) => lines(post.body), where: (post) => post.draft.not() }).computed('size', (part) => size(part.text))

type Columns<D> = D extends HasSchema<infer S> ? S['columns'] : never

// What is only compiled: nothing here runs, but where it says expect().

test('a view has a position, and the columns of its iterator', () => {
  expectTypeOf<SchemaOf<typeof parts>['name']>().toEqualTypeOf<'parts'>()
  expectTypeOf<Columns<typeof parts>['text']>().toEqualTypeOf<Column<TextType, 'derived'>>()
  expectTypeOf<Columns<typeof parts>['number']>().toEqualTypeOf<Column<NumberType, 'nullable' | 'derived'>>()
  const use = async (db: Database): Promise<void> => {
    const rows = await db
      .table(parts)
      .select((part) => ({ at: part.pos, text: part.text, number: part.number, size: part.size }))
      .execute()
    expectTypeOf(rows).toEqualTypeOf<{ at: number; text: string; number: number | null; size: number | null }[]>()
  }
  expect(use).toBeTypeOf('function')
})

test('a view is made by the database as it is by its definition', () => {
  const use = async (db: Database): Promise<void> => {
    const made = db.createView('parts', { of: posts, iterate: (post) => lines(post.body) })
    const handle = await made
    expectTypeOf(
      handle
        .where((part) => part.text.eq('a'))
        .select((part) => ({ text: part.text }))
        .execute(),
    ).resolves.toEqualTypeOf<{ text: string }[]>()
    const tags = await db.createView('tags', { of: posts, iterate: (post) => each(post.tags) })
    expectTypeOf(tags.select((tag) => ({ value: tag.value })).execute()).resolves.toEqualTypeOf<{ value: string }[]>()
    // of a table, a view, or a definition
    await db.createView('of_table', { of: db.table(posts), where: (post) => post.n.gt(1) })
    await db.createView('of_view', { of: handle, where: (part) => part.text.ne('') })
    await db.createView('of_definition', { of: parts, where: (part) => part.size.gt(3) })
    // @ts-expect-error the iterator takes a text
    await db.createView('wrong', { of: posts, iterate: (post) => lines(post.n) })
    // @ts-expect-error a condition is true or false
    await db.createView('wrong', { of: posts, where: (post) => post.n })
    // @ts-expect-error a computed value is not what a view is made of
    await db.createView('wrong', { of: posts, iterate: (post) => size(post.body) })
    // @ts-expect-error it has a parent
    await db.createView('wrong', { iterate: () => lines('a') })
  }
  expect(use).toBeTypeOf('function')
})

test('its rows are not inserted, its made columns are not updated', () => {
  const use = async (db: Database, handle: Table<SchemaOf<typeof parts>>): Promise<void> => {
    // @ts-expect-error they are made by its iterator
    await handle.insert([{ text: 'a' }])
    // @ts-expect-error they are made by its iterator
    await db.transaction((tx) => tx.table(parts).insert([{ text: 'a' }]))
    // @ts-expect-error it is computed
    await handle.where((part) => part.pos.eq(1)).update({ size: 1 })
    await handle.addColumn('note', t.text().nullable())
  }
  expect(use).toBeTypeOf('function')
})

test('a view that says nothing is refused', () => {
  expect(() => view('same', { of: posts })).toThrow("'same' would be 'posts' again")
  expect(() => iterator({ name: 'bad', input: [], output: { pos: t.int() } }, () => [])).toThrow("cannot yield 'pos'")
})

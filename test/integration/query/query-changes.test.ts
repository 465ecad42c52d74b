import { lit, t, table, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { createTableQuery } from '../../../packages/vivant/src/query/table-query.ts'
import { tableDefinition } from '@vivant/core'
import { describeEngines } from '../../engines.ts'
import { openQueries } from './open-queries.ts'

const words = udf({ name: 'change_words', input: [t.text()], output: t.int(), version: '1' }, (text) => text.split(' ').length)
const authors = table('authors', { name: t.text() })
const posts = table('posts', {
  slug: t.text().unique(),
  title: t.text().max(20),
  year: t.int().nullable().min(1900),
  kind: t.enum('draft', 'live').default('draft'),
  score: t.float().default(0),
  meta: t.json<unknown>().nullable(),
  author: t.int().nullable().references('authors'),
}).computed('words', (p) => words(p.title))

const rows = [
  { slug: 'a', title: 'one', year: 2000 },
  { slug: 'b', title: 'one two', year: 2001 },
  { slug: 'c', title: 'one two three', year: null },
]

describeEngines('updates and deletes', (engine) => {
  test('set values and expressions over the old row, in one statement', async () => {
    await using db = await openQueries(engine)
    await db.create(authors)
    const query = await db.create(posts)
    await db.insert(posts, rows)
    await db.settled()
    expect(await query.where((p) => p.slug.eq('a')).update({ title: "it's", year: null, meta: { a: [1, null] } })).toEqual({ count: 1 })
    expect(
      await query.where((p) => p.year.isNull().not()).update((p) => ({ year: p.year.add(1), title: p.title.upper(), score: p.year.orElse(0), kind: 'live' })),
    ).toEqual({ count: 1 })
    expect(await query.where((p) => p.slug.eq('none')).update({ title: 'x' })).toEqual({ count: 0 })
    await db.settled()
    expect(
      await query
        .orderBy((p) => p.slug)
        .select((p) => ({ title: p.title, year: p.year, score: p.score, kind: p.kind, meta: p.meta, words: p.words }))
        .execute(),
    ).toEqual([
      { title: "it's", year: null, score: 0, kind: 'draft', meta: { a: [1, null] }, words: 1 },
      { title: 'ONE TWO', year: 2002, score: 2001, kind: 'live', meta: null, words: 2 },
      { title: 'one two three', year: null, score: 0, kind: 'draft', meta: null, words: 3 },
    ])
  })

  test('may read cells in conditions and values', async () => {
    await using db = await openQueries(engine)
    await db.create(authors)
    const query = await db.create(posts)
    await db.insert(posts, rows)
    await db.settled()
    expect(
      await query
        .where((p) => p.words.gt(1))
        .where((p) => p.slug.ne('c'))
        .update({ year: 2010 }),
    ).toEqual({ count: 1 })
    expect(await query.where((p) => p.words.gte(1)).update((p) => ({ score: p.words.mul(2).orElse(0) }))).toEqual({ count: 3 })
    expect(
      await query
        .orderBy((p) => p.slug)
        .select((p) => ({ year: p.year, score: p.score }))
        .execute(),
    ).toEqual([
      { year: 2000, score: 2 },
      { year: 2010, score: 4 },
      { year: null, score: 6 },
    ])
    expect(await query.where((p) => p.words.eq(3)).delete()).toEqual({ count: 1 })
    expect(await query.where(() => lit(true)).delete()).toEqual({ count: 2 })
    expect(await query.count()).toBe(0)
  })

  test('what a constraint refuses is said in words, and nothing is changed', async () => {
    await using db = await openQueries(engine, { worker: false })
    await db.create(authors)
    const query = await db.create(posts)
    await db.insert(posts, rows)
    const b = query.where((p) => p.slug.eq('b'))
    await expect(b.update({ slug: 'a' })).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
      message: `'posts': 'slug' must be unique, and (a) is there already.`,
      details: { table: 'posts', column: 'slug', constraint: 'posts_slug_key' },
    })
    await expect(b.update({ author: 99 })).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
      message: `'posts': 'author' must refer to a row of 'authors', which has none with (99).`,
      details: { column: 'author', constraint: 'posts_author_fkey' },
    })
    await expect(b.update((p) => ({ title: p.title.concat(' and much more than allowed') }))).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
      details: { column: 'title', constraint: 'posts_title_check' },
    })
    await expect(query.where((p) => p.slug.eq('c')).update((p) => ({ title: p.meta.at('none').as(t.text()) as never }))).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
      message: `'posts': 'title' may not be null.`,
      details: { column: 'title' },
    })
    await expect(b.update((p) => ({ year: p.year.add(0.5) }))).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    const [author] = await db.insert(authors, [{ name: 'x' }])
    await b.update({ author: author! })
    const people = createTableQuery(db.runtime, tableDefinition(authors))
    await expect(people.where(() => lit(true)).delete()).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
      message: expect.stringContaining('still referenced by') as string,
    })
    expect(await b.select((p) => ({ slug: p.slug, title: p.title, year: p.year })).execute()).toEqual([{ slug: 'b', title: 'one two', year: 2001 }])
  })

  test('need a where, a stored column and a value of its type', async () => {
    await using db = await openQueries(engine, { worker: false })
    await db.create(authors)
    const query = await db.create(posts)
    const some = query.where((p) => p.slug.eq('a'))
    await expect(query.update({ title: 'x' })).rejects.toMatchObject({ code: 'WHERE_NEEDED' })
    await expect(query.delete()).rejects.toMatchObject({ code: 'WHERE_NEEDED' })
    await expect(some.update({ words: 3 } as never)).rejects.toMatchObject({ code: 'NOT_WRITABLE', details: { column: 'words' } })
    await expect(some.update({ _id: 3 } as never)).rejects.toMatchObject({ code: 'NOT_WRITABLE' })
    await expect(some.update({ titel: 'x' } as never)).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      message: expect.stringContaining(`did you mean 'title'`) as string,
    })
    await expect(some.update({ title: 3 } as never)).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(some.update({ title: null } as never)).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(some.update({ title: 'more than twenty characters' })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(some.update({ title: 'a\0b' })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(some.update({ year: 1.5 })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(some.update((p) => ({ title: p.year as never }))).rejects.toMatchObject({ code: 'TYPE_MISMATCH' })
    await expect(some.update((p) => ({ year: words(p.title) }))).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
    await expect(some.update({})).rejects.toMatchObject({ code: 'ROW_INVALID' })
    await expect(some.update([] as never)).rejects.toMatchObject({ code: 'ROW_INVALID' })
    const limited = some.limit(1) as unknown as typeof some
    await expect(limited.delete()).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
  })

  test('two counters at once lose nothing: a condition is looked at again on the changed row', async () => {
    await using db = await openQueries(engine, { worker: false })
    await db.create(authors)
    const query = await db.create(posts)
    await db.insert(posts, [{ slug: 'a', title: 'x', year: 2000 }])
    const results = await Promise.all(Array.from({ length: 20 }, () => query.where((p) => p.year.lt(2010)).update((p) => ({ year: p.year.add(1) }))))
    expect(results.reduce((sum, { count }) => sum + count, 0)).toBe(10)
    expect(await query.select((p) => ({ year: p.year })).execute()).toEqual([{ year: 2010 }])
  })

  test('the statement of an update', async () => {
    await using db = await openQueries(engine, { worker: false })
    await db.create(authors)
    await db.create(posts)
    const { compileUpdate, compileDelete } = await import('@vivant/storage')
    const { createRow, expressionNode } = await import('@vivant/core')
    const model = await db.runtime.model('posts')
    const row = createRow([
      { name: 'slug', type: { kind: 'text' } },
      { name: 'words', type: { kind: 'int' } },
    ]) as Record<'slug' | 'words', { eq(value: unknown): never }>
    const sources = [{ source: 0, model }] as const
    const title = model.stored.find((column) => column.name === 'title')!
    const slug = expressionNode(row.slug.eq('a'))
    expect(compileUpdate([slug], [{ column: title, value: { constant: 'x' } }], sources)).toEqual({
      text: `update "public"."posts" t set "title" = $1::text\nwhere (t."slug" = $2::text)`,
      values: ['x', 'a'],
    })
    const cell = model.cells.find((column) => column.name === 'words')!
    expect(compileDelete([slug, expressionNode(row.words.eq(1))], sources).text).toBe(`delete from "public"."posts" t
where (t."slug" = $1::text) and t."_id" in (select t."_id"
from "public"."posts" t
left join vivant_data."${cell.cellTable}" c${cell.id} on c${cell.id}._id = t."_id"
where (t."slug" = $2::text) and (c${cell.id}.value = $3::int8))`)
  })
})

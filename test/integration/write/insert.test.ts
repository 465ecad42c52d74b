import { t, table, tableDefinition, udf } from '@vivant/core'
import { describe, expect, test } from 'vitest'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import { describeEngines, type Engine } from '../../engines.ts'
import { openPipeline, type Pipeline } from '../../support/open-pipeline.ts'

const double = udf({ name: 'double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)
const author = table('author', { name: t.text() })
const keyed = table('keyed', { id: t.int().primaryKey(), name: t.text() })
const post = table('post', {
  title: t.text(),
  score: t.int().min(0).max(100).default(50),
  slug: t.text().unique().nullable(),
  tags: t.array(t.text()).nullable(),
  meta: t.json().nullable(),
  at: t.timestamp().nullable(),
  even: t
    .int()
    .nullable()
    .check((n) => n.mod(2).eq(0)),
  author: t.int().references(author).nullable(),
}).computed('twice', (row) => double(row.score))
const posts = tableDefinition(post)

function open(target: string): Promise<Pipeline> {
  return openPipeline(target, [author, keyed, post] as never, { worker: false })
}

async function countPosts({ runtime }: Pipeline): Promise<number> {
  const { rows } = await runtime.database.query<{ n: number }>('select count(*)::int as n from post')
  return rows[0]!.n
}

describeEngines('insert', (engine: Engine) => {
  test('gives ids in the order of the input, fills defaults in and keeps every value', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const at = new Date('2026-01-02T03:04:05.678Z')
    const rows = [
      { title: 'a "quoted" \\ text', tags: ['x', 'y "z"', ''], meta: { deep: [1, { a: null }] }, at, even: 2 },
      { title: 'b', score: 1, tags: [], meta: null },
      { title: '', score: null as unknown as number },
    ]
    await expect(insertRows(pipeline.runtime, posts, rows)).rejects.toMatchObject({
      code: 'ROW_INVALID',
      message: expect.stringContaining('row 2, column "score": is null') as string,
    })
    const { ids, count, invalid } = await insertRows(pipeline.runtime, posts, rows.slice(0, 2))
    expect({ count, invalid, ascending: ids[0]! < ids[1]! }).toEqual({ count: 2, invalid: [], ascending: true })
    const stored = await pipeline.runtime.database.query({
      text: 'select title, score, tags, meta, at, even from post order by array_position($1::bigint[], _id)',
      values: [ids],
    })
    expect(stored.rows).toEqual([
      { title: 'a "quoted" \\ text', score: 50, tags: ['x', 'y "z"', ''], meta: { deep: [1, { a: null }] }, at, even: 2 },
      { title: 'b', score: 1, tags: [], meta: null, at: null, even: null },
    ])
  })

  test('a primary key of the user’s own is the id', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const { ids } = await insertRows(pipeline.runtime, tableDefinition(keyed), [
      { id: 30, name: 'c' },
      { id: 10, name: 'a' },
      { id: 20, name: 'b' },
    ])
    expect(ids).toEqual([30, 10, 20])
  })

  test('rows may come from any iterable, one row may stand alone, none is nothing, and without ids they are left out', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const fromGenerator = await insertRows(
      pipeline.runtime,
      posts,
      (function* () {
        for (let i = 0; i < 3; i++) yield { title: `g${i}` }
      })(),
    )
    expect(fromGenerator.ids).toHaveLength(3)
    expect((await insertRows(pipeline.runtime, posts, { title: 'alone' })).count).toBe(1)
    expect(await insertRows(pipeline.runtime, posts, [])).toEqual({ ids: [], count: 0, invalid: [] })
    expect(await insertRows(pipeline.runtime, posts, [{ title: 'x' }, { title: 'y' }], { ids: false })).toEqual({ ids: [], count: 2, invalid: [] })
    expect(await countPosts(pipeline)).toBe(6)
  })

  test('a bad row is named by index, column and reason, and nothing is stored', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const bad: readonly (readonly [unknown, string, RegExp])[] = [
      [{ title: 5 }, 'title', /the number 5 is not text/],
      [{ title: 'a\0b' }, 'title', /NUL/],
      [{ title: 'half \ud800' }, 'title', /surrogate/],
      [{ score: 1 }, 'title', /is missing/],
      [{ title: 'a', score: 101 }, 'score', /more than 100/],
      [{ title: 'a', score: 1.5 }, 'score', /whole number/],
      [{ title: 'a', score: 2 ** 60 }, 'score', /whole number/],
      [{ title: 'a', even: 3 }, 'even', /does not pass the column's check/],
      [{ title: 'a', meta: () => 1 }, 'meta', /no JSON value/],
      [{ title: 'a', tags: ['x', 1] }, 'tags', /is not text/],
      [{ title: 'a', at: new Date(Number.NaN) }, 'at', /./],
      [{ titel: 'a', title: 'a' }, 'titel', /did you mean "title"/],
      [null, '', /null is no row/],
      ['text', '', /no row/],
      [[1], '', /no row/],
    ]
    for (const [row, column, reason] of bad) {
      const error = await insertRows(pipeline.runtime, posts, [{ title: 'good' }, row as never]).catch((thrown: unknown) => thrown)
      expect(error, JSON.stringify(row)).toMatchObject({
        code: 'ROW_INVALID',
        details: { table: 'post', count: 1, invalid: [{ index: 1, column: column || null, reason: expect.stringMatching(reason) as string }] },
      })
    }
    for (const name of ['twice', '_id'])
      await expect(insertRows(pipeline.runtime, posts, [{ title: 'x', [name]: 1 }])).rejects.toMatchObject({
        code: 'NOT_WRITABLE',
        message: expect.stringContaining(`"${name}"`) as string,
      })
    for (const rows of ['text', 5, null, undefined, new Uint8Array(3)])
      await expect(insertRows(pipeline.runtime, posts, rows as never)).rejects.toMatchObject({ code: 'ROW_INVALID' })
    expect(await countPosts(pipeline)).toBe(0)
  })

  test('a long list of bad rows is counted, and its beginning listed', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const rows = Array.from({ length: 300 }, (_, index) => (index % 2 ? { title: 'ok' } : { title: index }))
    await expect(insertRows(pipeline.runtime, posts, rows)).rejects.toMatchObject({
      message: expect.stringMatching(/^150 of 300 rows are invalid.*and 145 more/) as string,
      details: { count: 150 },
    })
    const { count, invalid } = await insertRows(pipeline.runtime, posts, rows, { onInvalid: 'skip' })
    expect(count).toBe(150)
    expect(invalid.map((row) => row.index)).toEqual(Array.from({ length: 150 }, (_, index) => index * 2))
  })

  test('a violated constraint names the row and stores nothing', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    await insertRows(pipeline.runtime, posts, [{ title: 'first', slug: 'taken' }])
    await expect(
      insertRows(pipeline.runtime, posts, [
        { title: 'a', slug: 'free' },
        { title: 'b', slug: 'taken' },
      ]),
    ).rejects.toMatchObject({ code: 'CONSTRAINT_VIOLATED', details: { index: 1, column: 'slug' } })
    await expect(insertRows(pipeline.runtime, posts, [{ title: 'a', slug: 'same' }, { title: 'b' }, { title: 'c', slug: 'same' }])).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
      details: { index: 2 },
    })
    await expect(insertRows(pipeline.runtime, posts, [{ title: 'a' }, { title: 'b', author: 77 }])).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
      details: { index: 1, column: 'author' },
    })
    expect(await countPosts(pipeline)).toBe(1)
  })

  test('an async iterable is stored in pieces, and an error says how many rows are stored', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const source = async function* (bad: number, fails = false) {
      for (let i = 0; i < 10_010; i++) {
        if (i === bad && fails) throw new Error('the line broke')
        yield i === bad ? { title: i as never } : { title: `row ${i}` }
      }
    }
    const { ids } = await insertRows(pipeline.runtime, posts, source(-1))
    expect(new Set(ids).size).toBe(10_010)
    const invalid = await insertRows(pipeline.runtime, posts, source(10_005)).catch((error: unknown) => error)
    expect(invalid).toMatchObject({ code: 'ROW_INVALID', details: { stored: 10_000, invalid: [{ index: 10_005 }] } })
    const broken = await insertRows(pipeline.runtime, posts, source(10_005, true)).catch((error: unknown) => error)
    expect(broken).toMatchObject({ code: 'ABORTED', details: { stored: 10_000 }, message: expect.stringContaining('the line broke') as string })
    expect(await countPosts(pipeline)).toBe(30_010)
  })

  test('the same table can be read and written while an async iterable is inserted', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const seen: number[] = []
    const source = async function* () {
      for (let i = 0; i < 3; i++) {
        await insertRows(pipeline.runtime, posts, [{ title: `beside ${i}` }])
        seen.push(await countPosts(pipeline))
        yield { title: `row ${i}` }
      }
    }
    await insertRows(pipeline.runtime, posts, source())
    expect(seen).toEqual([1, 2, 3])
    expect(await countPosts(pipeline)).toBe(6)
  })

  test('a signal stops it, and nothing of the transaction stays', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    await expect(insertRows(pipeline.runtime, posts, [{ title: 'x' }], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await countPosts(pipeline)).toBe(0)
  })

  test('wrong options are said before anything is stored', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const rows = [{ title: 'x' }]
    await expect(insertRows(pipeline.runtime, posts, rows, { wait: ['twise'] })).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      message: expect.stringContaining('did you mean "twice"') as string,
    })
    await expect(insertRows(pipeline.runtime, posts, rows, { mediaConcurrency: 0 })).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
    await expect(insertRows(pipeline.runtime, { ...posts, name: 'nowhere' }, rows)).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
    expect(await countPosts(pipeline)).toBe(0)
  })

  test('large values are stored in statements of bounded size, and too large ones are refused', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    const large = 'x'.repeat(3 * 1024 ** 2)
    const { ids } = await insertRows(
      pipeline.runtime,
      posts,
      Array.from({ length: 12 }, (_, index) => ({ title: `${index}${large}` })),
    )
    expect(ids).toHaveLength(12)
    await expect(insertRows(pipeline.runtime, posts, [{ title: 'ok' }, { title: 'x'.repeat(65 * 1024 ** 2) }])).rejects.toMatchObject({
      code: 'ROW_INVALID',
      message: expect.stringContaining('row 1') as string,
    })
    expect(await countPosts(pipeline)).toBe(12)
  })

  test('a trigger of the user’s that drops rows is told instead of giving wrong ids', async () => {
    await using database = await engine.database()
    await using pipeline = await open(database.target)
    await pipeline.runtime.database.query(
      `create function drop_row() returns trigger language plpgsql as $$ begin return case when new.title = 'drop' then null else new end; end $$`,
    )
    await pipeline.runtime.database.query('create trigger drop_row before insert on post for each row execute function drop_row()')
    await expect(insertRows(pipeline.runtime, posts, [{ title: 'keep' }, { title: 'drop' }])).rejects.toMatchObject({
      code: 'DATABASE_ERROR',
      message: expect.stringContaining('trigger') as string,
    })
    expect(await countPosts(pipeline)).toBe(0)
    await insertRows(pipeline.runtime, posts, [{ title: 'keep' }, { title: 'drop' }], { ids: false })
    expect(await countPosts(pipeline)).toBe(1)
  })

  test('a table without columns of its own, and rows that name none, get their defaults', async () => {
    await using database = await engine.database()
    const bare = table('bare', {})
    const plain = table('plain', { n: t.int().default(7), note: t.text().nullable() })
    await using pipeline = await openPipeline(database.target, [bare, plain] as never, { worker: false })
    expect((await insertRows(pipeline.runtime, tableDefinition(bare), [{}, {}, {}])).ids).toEqual([1, 2, 3])
    await insertRows(pipeline.runtime, tableDefinition(plain), [{}, {}])
    const { rows } = await pipeline.runtime.database.query('select n, note from plain')
    expect(rows).toEqual([
      { n: 7, note: null },
      { n: 7, note: null },
    ])
  })

  test('a table may have as many columns as PostgreSQL allows', async () => {
    await using database = await engine.database()
    const names = Array.from({ length: 1500 }, (_, index) => `c${index}`)
    const wide = table('wide', Object.fromEntries(names.map((name) => [name, t.boolean()])))
    const tooWide = table('too_wide', Object.fromEntries(names.map((name) => [name, t.int()])))
    await using pipeline = await openPipeline(database.target, [wide, tooWide] as never, { worker: false })
    const row = Object.fromEntries(names.map((name, index) => [name, index % 2 === 0]))
    const { ids } = await insertRows(pipeline.runtime, tableDefinition(wide), [row, row])
    expect(ids).toHaveLength(2)
    const { rows } = await pipeline.runtime.database.query('select c0, c1499 from wide')
    expect(rows).toEqual([
      { c0: true, c1499: false },
      { c0: true, c1499: false },
    ])
    // more than a page of fixed-size values is a limit of PostgreSQL's
    const large = Object.fromEntries(names.map((name, index) => [name, index]))
    await expect(insertRows(pipeline.runtime, tableDefinition(tooWide), [large])).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })
})

describe('names', () => {
  test('of tables and columns may be anything', async () => {
    const odd = table('Tafel "x"', { 'a b': t.int(), 'ü"ö': t.text(), select: t.boolean() })
    await using pipeline = await openPipeline('memory:', [odd] as never, { worker: false })
    await insertRows(pipeline.runtime, tableDefinition(odd), [{ 'a b': 1, 'ü"ö': 'x', select: true }])
    const { rows } = await pipeline.runtime.database.query('select * from "Tafel ""x"""')
    expect(rows).toMatchObject([{ 'a b': 1, 'ü"ö': 'x', select: true }])
  })
})

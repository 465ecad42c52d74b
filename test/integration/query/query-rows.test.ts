import { lit, obj, t, table, udf } from '@vivant/core'
import { describe, expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { openQueries } from './open-queries.ts'

const words = udf({ name: 'query_words', input: [t.text()], output: t.int(), version: '1' }, (text) => text.split(' ').length)
const picky = udf({ name: 'query_picky', input: [t.int()], output: t.int(), version: '1' }, (n) => {
  if (n > 3) throw new Error('too many words')
  return n * 10
})

const posts = table('posts', {
  title: t.text(),
  year: t.int().nullable(),
  score: t.float().default(0),
  big: t.bigint().nullable(),
  at: t.timestamp().nullable(),
  day: t.date().nullable(),
  tags: t.array(t.text()).default([]),
  meta: t.json<{ a?: { b: number } }>().nullable(),
  vector: t.vector(3).nullable(),
  bytes: t.binary().nullable(),
})
  .computed('words', (p) => words(p.title))
  .computed('tens', (p) => picky(p.words))
  .computed('long', (p) => p.words.gt(2))
  .computed('shout', (p) => p.title.upper())

const rows = [
  {
    title: 'b one',
    year: 2001,
    score: 1.5,
    big: 2n ** 60n,
    at: '2020-01-02T03:04:05.006Z',
    day: '2020-01-02',
    tags: ['x', 'y'],
    meta: { a: { b: 1 } },
    vector: [1, 0, 0],
    bytes: new Uint8Array([1, 2, 255]),
  },
  { title: 'a one two', year: 2003, score: -1 },
  { title: 'C', year: null },
  { title: 'd one two three', year: 2002 },
  { title: 'ä', year: 2000 },
]

describeEngines('queries', (engine) => {
  test('a row without select is its id and every column, decoded by type', async () => {
    await using db = await openQueries(engine)
    const query = await db.create(posts)
    const [id] = await db.insert(posts, rows)
    await db.settled()
    const [first] = await query.where((p) => p.title.eq('b one')).execute()
    expect(first).toEqual({
      _id: id,
      title: 'b one',
      year: 2001,
      score: 1.5,
      big: 2n ** 60n,
      at: new Date('2020-01-02T03:04:05.006Z'),
      day: '2020-01-02',
      tags: ['x', 'y'],
      meta: { a: { b: 1 } },
      vector: new Float32Array([1, 0, 0]),
      bytes: new Uint8Array([1, 2, 255]),
      words: 2,
      tens: 20,
      long: false,
      shout: 'B ONE',
    })
    expect(Object.keys(first ?? {}).slice(0, 2)).toEqual(['_id', 'title'])
  })

  test('the statement lists its columns and joins only the cells that it names', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(posts)
    const cells = (await db.runtime.model('posts')).cells
    const [wordsCell, tensCell] = [cells.find((cell) => cell.name === 'words')!, cells.find((cell) => cell.name === 'tens')!]
    const stored = await query
      .where((p) => p.title.eq("it's"))
      .orderBy((p) => p.year, 'desc')
      .orderBy((p) => p.title)
      .orderBy((p) => p._id, 'desc')
      .limit(2)
      .offset(1)
      .select((p) => ({ title: p.title }))
      .toSQL()
    expect(stored).toEqual({
      sql: `select t."title"
from "public"."posts" t
where (t."title" = $1::text)
order by t."year" desc nulls last, (t."title" collate "C") asc, t."_id" desc
limit 2
offset $2::int8`,
      parameters: ["it's", 1],
    })
    const computed = await query
      .where((p) => p.long)
      .select((p) => ({ tens: p.tens }))
      .toSQL()
    expect(computed.sql).toBe(`select c${tensCell.id}.value
from "public"."posts" t
left join vivant_data."${wordsCell.cellTable}" c${wordsCell.id} on c${wordsCell.id}._id = t."_id"
left join vivant_data."${tensCell.cellTable}" c${tensCell.id} on c${tensCell.id}._id = t."_id"
where (c${wordsCell.id}.value > $1::int8)`)
  })

  test('conditions are and-ed, sort keys follow each other, nulls come last in both directions, text by code point', async () => {
    await using db = await openQueries(engine)
    const query = await db.create(posts)
    await db.insert(posts, rows)
    await db.settled()
    const titles = async (built: { execute(): Promise<{ title: string }[]> }): Promise<string[]> => (await built.execute()).map((row) => row.title)
    expect(await titles(query.orderBy((p) => p.title))).toEqual(['C', 'a one two', 'b one', 'd one two three', 'ä'])
    expect((await query.orderBy((p) => p.year).execute()).map((row) => row.year)).toEqual([2000, 2001, 2002, 2003, null])
    expect((await query.orderBy((p) => p.year, 'desc').execute()).map((row) => row.year)).toEqual([2003, 2002, 2001, 2000, null])
    expect(
      await titles(
        query
          .where((p) => p.year.gt(2000))
          .where((p) => p.words.lt(4))
          .orderBy((p) => p.words, 'desc'),
      ),
    ).toEqual(['a one two', 'b one'])
    expect(await titles(query.orderBy((p) => p.words).orderBy((p) => p.title, 'desc'))).toEqual(['ä', 'C', 'b one', 'a one two', 'd one two three'])
    expect(await query.where((p) => p.year.gt(2000)).count()).toBe(3)
    expect(await query.limit(2).count()).toBe(2)
    expect(await query.offset(4).count()).toBe(1)
    expect(await query.limit(0).execute()).toEqual([])
    expect(await query.offset(Number.MAX_SAFE_INTEGER).execute()).toEqual([])
  })

  test('selections nest and read virtual columns, constants and objects in one statement', async () => {
    await using db = await openQueries(engine)
    const query = await db.create(posts)
    await db.insert(posts, rows)
    await db.settled()
    const found = await query
      .where((p) => p.title.eq('a one two'))
      .select((p) => ({ id: p._id, text: { title: p.title, deep: { shout: p.shout, n: p.words.add(1) } }, one: lit(1), ['__proto__']: p.year }))
      .executeTakeFirstOrThrow()
    expect(found).toEqual({ id: 2, text: { title: 'a one two', deep: { shout: 'A ONE TWO', n: 4 } }, one: 1, ['__proto__']: 2003 })
    const whole = await query
      .limit(1)
      .select((p) => spread(p) as { readonly title: typeof p.title })
      .executeTakeFirstOrThrow()
    expect(Object.keys(whole)).not.toContain('_id')
    expect(Object.keys(whole)).toHaveLength(14)
    expect(
      await query
        .limit(1)
        .select(() => ({}))
        .execute(),
    ).toEqual([{}])
  })

  test('with a limit and many cells the ids come first, then the cells by laterals', async () => {
    await using db = await openQueries(engine)
    const wide = table('wide', { title: t.text(), n: t.int() })
      .computed('w0', (r) => words(r.title))
      .computed('w1', (r) => words(r.title).orElse(1))
      .computed('w2', (r) => words(r.title).orElse(2))
      .computed('w3', (r) => words(r.title).orElse(3))
      .computed('w4', (r) => words(r.title).orElse(4))
      .computed('w5', (r) => words(r.title).orElse(5))
      .computed('w6', (r) => words(r.title).orElse(6))
      .computed('w7', (r) => words(r.title).orElse(7))
    const query = await db.create(wide)
    await db.insert(wide, [
      { title: 'a b', n: 1 },
      { title: 'a b c', n: 2 },
      { title: 'a', n: 3 },
    ])
    await db.settled()
    const built = query
      .where((r) => r.w0.gt(1))
      .orderBy((r) => r.n, 'desc')
      .limit(2)
    const { sql } = await built.toSQL()
    expect(sql).toMatch(/^with k as materialized \(\nselect t\."_id", t\."title", t\."n", t\."n" as _o0\nfrom "public"\."wide" t\nleft join vivant_data/u)
    expect(sql.match(/left join lateral \(select value from vivant_data\."cell_\d+" where _id = t\."_id" limit 1\) c\d+ on true/gu)).toHaveLength(8)
    expect(sql).toMatch(/order by t\._o0 desc$/u)
    const all = (n: number): object => Object.fromEntries(Array.from({ length: 8 }, (_unused, index) => [`w${index}`, n]))
    const expected = [
      { _id: 2, title: 'a b c', n: 2, ...all(3) },
      { _id: 1, title: 'a b', n: 1, ...all(2) },
    ]
    expect(await built.execute()).toEqual(expected)
    const ready = query
      .ready()
      .where((r) => r.w0.gt(1))
      .orderBy((r) => r.n, 'desc')
      .limit(2)
    expect(await ready.execute()).toEqual(expected)
    expect((await ready.toSQL()).sql).toContain('left join lateral (select status, version, token, seq from')
    expect(
      await query
        .where((r) => r.w0.gt(1))
        .orderBy((r) => r.n, 'desc')
        .execute(),
    ).toEqual(expected)
  })

  test('cells tell their state in any clause; pending and failed values are null', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(posts)
    await db.insert(posts, rows)
    const state = query
      .orderBy((p) => p._id)
      .select((p) => ({ value: p.tens, cell: p.tens.cell, status: p._status, virtual: p.long.cell.status, free: p.shout.cell.status }))
    expect((await state.execute())[0]).toEqual({
      value: null,
      cell: { status: 'pending', error: null, attempts: null, computedAt: null, micros: null, version: null },
      status: { words: 'pending', tens: 'pending' },
      virtual: 'pending',
      free: 'ok',
    })
    await db.startWorker()
    await db.settled()
    const failed = await state.where((p) => p.tens.cell.status.eq('failed')).execute()
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({
      value: null,
      cell: { status: 'failed', error: { message: 'too many words' }, version: 1 },
      status: { tens: 'failed' },
      virtual: 'ok',
    })
    expect(failed[0]?.cell.computedAt).toBeInstanceOf(Date)
    expect(await query.where((p) => p.tens.cell.error.at('message').as(t.text()).eq('too many words')).count()).toBe(1)
    expect(await query.where((p) => p.tens.cell.version.eq(1)).count()).toBe(5)
    // a whole cell may also be the selection, and stand in an object; a virtual column's is that of what it reads
    const first = query.where((p) => p.title.eq('b one'))
    expect(await first.select((p) => p.tens.cell).executeTakeFirst()).toMatchObject({ status: 'ok', error: null, attempts: 0, version: 1 })
    expect(await first.select((p) => ({ json: obj({ cell: p.tens.cell }), virtual: p.long.cell })).executeTakeFirst()).toMatchObject({
      json: { cell: { status: 'ok', error: null, attempts: 0, version: 1 } },
      virtual: { status: 'ok' },
    })
    await db.stopWorker()
    await query.where((p) => p.title.eq('C')).update({ title: 'C c' })
    const [stale] = await state.where((p) => p.title.eq('C c')).execute()
    expect(stale).toMatchObject({ value: 10, cell: { status: 'stale' }, status: { words: 'stale', tens: 'stale' }, virtual: 'stale' })
  })

  test('ready() leaves out what is not settled through all levels, and what failed', async () => {
    await using db = await openQueries(engine)
    const query = await db.create(posts)
    await db.insert(posts, rows)
    await db.settled()
    const tens = query
      .ready()
      .orderBy((p) => p._id)
      .select((p) => ({ tens: p.tens }))
    expect((await tens.execute()).map((row) => row.tens)).toEqual([20, 30, 10, 10])
    expect(
      await query
        .ready()
        .select((p) => ({ words: p.words }))
        .count(),
    ).toBe(5)
    await db.stopWorker()
    await query.where((p) => p.title.eq('b one')).update({ title: 'b one more' })
    // tens itself is locally current: what it reads is not
    expect((await tens.execute()).map((row) => row.tens)).toEqual([30, 10, 10])
    expect(
      await query
        .ready()
        .where((p) => p.title.eq('b one more'))
        .execute(),
    ).toEqual([])
    expect(
      await query
        .where((p) => p.title.eq('b one more'))
        .select((p) => ({ tens: p.tens }))
        .execute(),
    ).toEqual([{ tens: 20 }])
    expect(
      await query
        .ready()
        .select((p) => ({ title: p.title }))
        .count(),
    ).toBe(5)
    expect(
      await query
        .ready()
        .where((p) => p.long)
        .select((p) => ({ title: p.title }))
        .count(),
    ).toBe(2)
  })

  test('fresh() waits for the cells that the query reads, and tells how many are left', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(posts)
    await db.insert(posts, rows)
    await expect(query.fresh({ timeoutMs: 20 }).execute()).rejects.toMatchObject({ code: 'TIMEOUT', details: { left: 5 } })
    await expect(
      query
        .fresh({ timeoutMs: 20 })
        .where((p) => p.year.eq(2001))
        .execute(),
    ).rejects.toMatchObject({ code: 'TIMEOUT', details: { left: 1 } })
    await expect(
      query
        .fresh({ timeoutMs: 20 })
        .where((p) => p.words.eq(2))
        .execute(),
    ).rejects.toMatchObject({ code: 'TIMEOUT', details: { left: 5 } })
    await expect(
      query
        .fresh({ timeoutMs: 20 })
        .orderBy((p) => p.year)
        .limit(2)
        .execute(),
    ).rejects.toMatchObject({ code: 'TIMEOUT', details: { left: 2 } })
    expect(
      await query
        .fresh({ timeoutMs: 20 })
        .select((p) => ({ title: p.title }))
        .execute(),
    ).toHaveLength(5)
    const abort = AbortSignal.timeout(20)
    await expect(query.fresh({ signal: abort }).execute()).rejects.toMatchObject({ code: 'ABORTED' })
    const waiting = query
      .fresh({ timeoutMs: 20_000 })
      .orderBy((p) => p._id)
      .execute()
    await db.startWorker()
    expect((await waiting).map((row) => row.words)).toEqual([2, 3, 1, 4, 1])
  })

  describe('one row', () => {
    test('is the first, or undefined, or NO_RESULT', async () => {
      await using db = await openQueries(engine, { worker: false })
      const query = await db.create(posts)
      await db.insert(posts, rows)
      expect(
        await query
          .orderBy((p) => p.title, 'desc')
          .select((p) => ({ title: p.title }))
          .executeTakeFirst(),
      ).toEqual({ title: 'ä' })
      expect(await query.where((p) => p.title.eq('none')).executeTakeFirst()).toBeUndefined()
      await expect(query.where((p) => p.title.eq('none')).executeTakeFirstOrThrow()).rejects.toMatchObject({ code: 'NO_RESULT', httpStatus: 404 })
    })
  })
})

/** As `{ ...row }`. */
function spread(row: object): object {
  return { ...row }
}

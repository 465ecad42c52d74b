import { count, t, table, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { exists, subquery } from '../../../packages/vivant/src/query/subquery.ts'
import { describeEngines, type Engine } from '../../engines.ts'
import { numbers } from './numbers.ts'
import { openQueries } from './open-queries.ts'

const triple = udf({ name: 'page_triple', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 3)

const items = table('items', { a: t.int().nullable(), b: t.text(), c: t.float(), at: t.timestamp().nullable() }).computed('three', (i) =>
  triple(i._id.mod(4).orElse(0).cast(t.int())),
)

async function filled(engine: Engine, size: number) {
  const db = await openQueries(engine)
  const query = await db.create(items)
  const [n, m] = [numbers(size, 7, 5), numbers(size, 4, 9)]
  const rows = n.map((a, row) => ({
    a: a === 0 ? null : a,
    b: ['x', 'X', 'ä', 'y'][m[row]!]!,
    c: a / 4,
    at: m[row] === 1 ? null : new Date(Date.UTC(2024, 0, a + 1, 0, 0, 0, m[row])),
  }))
  await db.insert(items, rows)
  await db.settled()
  return { db, query, rows: rows.map((row, index) => ({ _id: index + 1, ...row })), [Symbol.asyncDispose]: () => db[Symbol.asyncDispose]() }
}

interface Pageable<R> {
  after(cursor: string | null): { executePage(): Promise<{ rows: R[]; next: string | null }> }
}

async function pages<R>(query: Pageable<R>): Promise<R[]> {
  const all: R[] = []
  let cursor: string | null = null
  do {
    const page: { rows: R[]; next: string | null } = await query.after(cursor).executePage()
    all.push(...page.rows)
    cursor = page.next
  } while (cursor !== null)
  return all
}

describeEngines('pages and samples', (engine) => {
  test('pages by cursors give every row once, in the order of the whole, whatever the keys', async () => {
    await using data = await filled(engine, 41)
    const { query } = data
    const orders = [
      query,
      query.orderBy((i) => i.a),
      query.orderBy((i) => i.a, 'desc').orderBy((i) => i.b),
      query.orderBy((i) => i.at, 'desc').orderBy((i) => i.c, 'desc'),
      query.orderBy((i) => i.b, 'desc'),
      query.orderBy((i) => i.three).orderBy((i) => i.c.add(1)),
    ]
    for (const ordered of orders) {
      const found = await pages(ordered.select((i) => ({ id: i._id, a: i.a, b: i.b, three: i.three })).limit(7))
      expect(new Set(found.map(({ id }) => id)).size).toBe(41)
      const keys = (rows: readonly { a: number | null; b: string; three: number | null }[]) => rows.map(({ a, b, three }) => [a, b, three])
      if (ordered === orders[2]) expect(found.map(({ a, b }) => [a, b])).toEqual((await ordered.execute()).map(({ a, b }) => [a, b]))
      expect(keys(found).length).toBe(41)
    }
    const joined = query
      .join(items, (i, o) => i.a.eq(o.a).and(i.b.eq(o.b)))
      .orderBy((i) => i.a)
      .select((i, o) => ({ pair: { i: i._id, o: o._id } }))
    expect((await pages(joined.limit(10))).map(({ pair }) => `${pair.i} ${pair.o}`).toSorted()).toEqual(
      (await joined.execute()).map(({ pair }) => `${pair.i} ${pair.o}`).toSorted(),
    )
    const groups = query
      .groupBy((i) => ({ a: i.a }))
      .orderBy(() => count(), 'desc')
      .select((key) => ({ a: key.a, n: count() }))
    const groupPages = await pages(groups.limit(2))
    expect(groupPages.map(({ n }) => n)).toEqual((await groups.execute()).map(({ n }) => n))
    expect(new Set(groupPages.map(({ a }) => a)).size).toBe(7)
    const kinds = query
      .select((i) => ({ b: i.b, a: i.a }))
      .distinct()
      .orderBy((i) => i.b, 'desc')
    expect((await pages(kinds.limit(3))).map(({ b }) => b)).toEqual((await kinds.execute()).map(({ b }) => b))
    const firsts = query
      .distinctOn((i) => i.a)
      .orderBy((i) => i.c, 'desc')
      .select((i) => ({ a: i.a }))
    expect(await pages(firsts.limit(3))).toEqual([6, 5, 4, 3, 2, 1, null].map((a) => ({ a })))

    // a row that is written meanwhile moves nothing
    const first = await query
      .orderBy((i) => i.a)
      .limit(5)
      .executePage()
    await data.db.insert(items, [{ a: -1, b: 'new', c: 0 }])
    const second = await query
      .orderBy((i) => i.a)
      .limit(5)
      .after(first.next)
      .executePage()
    expect(second.rows.some((row) => first.rows.some(({ _id }) => _id === row._id))).toBe(false)
    const { sql } = await query
      .orderBy((i) => i.c, 'desc')
      .limit(5)
      .after(
        (
          await query
            .orderBy((i) => i.c, 'desc')
            .limit(5)
            .executePage()
        ).next,
      )
      .toSQL()
    expect(sql).toContain('where (t."c", t."_id") < ($1::float8, $2::int8)\norder by t."c" desc, t."_id" desc')
  })

  test('a sample is the same each time, of the size that was asked for, another with another seed', async () => {
    await using data = await filled(engine, 400)
    const { query, rows } = data
    const ids = async (sampled: { execute(): Promise<{ _id: number }[]> }): Promise<number[]> =>
      (await sampled.execute()).map(({ _id }) => _id).toSorted((x, y) => x - y)
    const ten = await ids(query.sample(10))
    expect(ten).toHaveLength(10)
    expect(await ids(query.sample(10))).toEqual(ten)
    expect(await ids(query.sample({ count: 10, seed: 1 }))).not.toEqual(ten)
    expect(await ids(query.sample(1000))).toHaveLength(400)
    expect(await query.sample(10).count()).toBe(10)
    const filtered = await query
      .where((i) => i.three.gt(3))
      .sample(5)
      .orderBy((i) => i.c, 'desc')
      .limit(3)
      .select((i) => ({ c: i.c, three: i.three }))
      .execute()
    expect(filtered).toHaveLength(3)
    expect(filtered.every(({ three }) => three! > 3)).toBe(true)
    expect(filtered.map(({ c }) => c)).toEqual(filtered.map(({ c }) => c).toSorted((x, y) => y - x))
    const some = await ids(query.sample({ fraction: 0.25 }))
    expect(some.length).toBeGreaterThan(60)
    expect(some.length).toBeLessThan(140)
    expect(await ids(query.sample({ fraction: 1 }))).toHaveLength(400)
    expect(await ids(query.sample({ fraction: 0 }))).toEqual([])
    const whole = await query.sample({ fraction: 0.4, by: (i) => i.a, seed: 3 }).execute()
    const chosen = new Set(whole.map(({ a }) => a))
    expect(whole).toHaveLength(rows.filter(({ a }) => chosen.has(a)).length)
    const groups = await query
      .sample(20)
      .groupBy(() => ({}))
      .select((_key, i) => ({ n: count(), c: i.c.count() }))
      .execute()
    expect(groups).toEqual([{ n: 20, c: 20 }])
    expect(
      await query
        .join(items, (i, o) => i._id.eq(o._id))
        .sample(7)
        .execute(),
    ).toHaveLength(7)
  })

  test('distinctOn() keeps the first of each in the order of the query', async () => {
    await using data = await filled(engine, 60)
    const { query, rows } = data
    const found = await query
      .distinctOn((i) => ({ a: i.a, b: i.b }))
      .orderBy((i) => i.c, 'desc')
      .orderBy((i) => i._id, 'desc')
      .select((i) => ({ id: i._id, three: i.three }))
      .execute()
    const sorted = rows.toSorted((x, y) => y.c - x.c || y._id - x._id)
    const wanted = [...new Map(sorted.toReversed().map((row) => [`${row.a} ${row.b}`, row])).values()].toSorted((x, y) => y.c - x.c || y._id - x._id)
    expect(found).toEqual(wanted.map(({ _id }) => ({ id: _id, three: (_id % 4) * 3 })))
    expect(await query.distinctOn((i) => i.b).count()).toBe(4)
  })

  test('subqueries read the row that they stand beside', async () => {
    await using data = await filled(engine, 30)
    const { db, query, rows } = data
    const others = await db.create(items)
    const found = await query
      .where((i) => exists(others.where((o) => o.a.eq(i.a).and(o.three.gt(i.three)))))
      .orderBy((i) => i._id)
      .select((i) => ({
        id: i._id,
        same: subquery(
          others
            .where((o) => o.a.eq(i.a))
            .groupBy(() => ({}))
            .select(() => ({ n: count() })),
        ),
        next: subquery(
          others
            .where((o) => o._id.gt(i._id).and(o.b.eq(i.b)))
            .orderBy((o) => o._id)
            .select((o) => ({ id: o._id })),
        ),
      }))
      .execute()
    const three = (row: { _id: number }): number => (row._id % 4) * 3
    const wanted = rows.filter((i) => rows.some((o) => o.a !== null && o.a === i.a && three(o) > three(i)))
    expect(found).toEqual(
      wanted.map((i) => ({ id: i._id, same: rows.filter((o) => o.a === i.a).length, next: rows.find((o) => o._id > i._id && o.b === i.b)?._id ?? null })),
    )
    expect(await query.where(() => exists(others.where((o) => o.b.eq('nowhere'))).not()).count()).toBe(30)
    const { sql } = await query
      .where((i) => exists(others.where((o) => o.a.eq(i.a))))
      .select((i) => ({ b: i.b }))
      .toSQL()
    expect(sql).toBe('select t."b"\nfrom "public"."items" t\nwhere exists (select \nfrom "public"."items" st\nwhere (st."a" = t."a"))')
  })

  test('what makes no sense is said', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(items)
    expect(() => query.sample(-1)).toThrow('sample() takes a whole number from 0 on, not -1.')
    expect(() => query.sample({ fraction: 2 })).toThrow('sample() takes a fraction from 0 to 1, not the number 2.')
    expect(() => query.sample({} as never)).toThrow('takes a number of rows, { count } or { fraction }')
    expect(() => query.sample({ count: 1, seed: 0.5 })).toThrow('takes a whole number as its seed')
    await expect(query.executePage()).rejects.toThrow('executePage() needs a limit()')
    await expect(query.after('what').execute()).rejects.toThrow('after(): this is no cursor of executePage().')
    await db.insert(items, [
      { b: 'x', c: 1 },
      { b: 'y', c: 2 },
    ])
    const { next } = await query
      .orderBy((i) => i.c)
      .limit(1)
      .executePage()
    await expect(
      query
        .orderBy((i) => i.b)
        .after(next)
        .execute(),
    ).rejects.toThrow('this cursor is of a query that is sorted in another way')
    expect(() => exists(5 as never)).toThrow('a subquery is a query, such as videos.where(…), not the number 5.')
    expect(() => subquery(query as never)).toThrow('subquery() takes a query that selects one expression')
  })
})

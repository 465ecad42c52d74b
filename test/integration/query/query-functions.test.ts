import { aggregate, count, t, table, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { describeEngines, type Engine } from '../../engines.ts'
import { openQueries } from './open-queries.ts'

const calls = { squares: 0, batches: [] as number[] }
const square = udf({ input: [t.int()], output: t.int() }, (n) => {
  calls.squares++
  return n * n
})
const words = udf(
  { name: 'adhoc_words', input: [t.text(), t.int().nullable()], output: { upper: t.text(), n: t.int() }, batch: 16 },
  async (texts, numbers) => {
    calls.batches.push(texts.length)
    return texts.map((text, row) => ({ upper: text.toUpperCase(), n: numbers[row] ?? -1 }))
  },
)
const picky = udf({ name: 'adhoc_picky', input: [t.int()], output: t.boolean().nullable() }, (n) => {
  if (n === 13) throw new Error('thirteen')
  return n % 3 === 0 ? null : n % 2 === 0
})
const slow = udf(
  { name: 'adhoc_slow', input: [t.int()], output: t.int() },
  async (n, { signal }) =>
    new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => resolve(n), 100)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason as Error)
      })
    }),
)
const product = aggregate(
  { name: 'product', input: [t.int(), t.text().nullable()], output: t.text().nullable() },
  {
    start: () => ({ all: 1, texts: '' }),
    add: (state, n, text) => ({ all: state.all * n, texts: state.texts + (text ?? '-') }),
    finish: ({ all, texts }) => `${all} ${texts}`,
  },
)
const stored = udf({ name: 'adhoc_stored', input: [t.int()], output: t.int(), version: '1' }, (n) => -n)

const things = table('things', { n: t.int(), maybe: t.int().nullable(), name: t.text(), photo: t.image().nullable() }).computed('minus', (r) => stored(r.n))

async function filled(engine: Engine, size: number) {
  const db = await openQueries(engine)
  const query = await db.create(things)
  await db.insert(
    things,
    Array.from({ length: size }, (_, n) => ({ n, maybe: n % 3 === 0 ? null : n % 5, name: `n${n}` })),
  )
  await db.settled()
  return { db, query, [Symbol.asyncDispose]: () => db[Symbol.asyncDispose]() }
}

describeEngines('functions in queries', (engine) => {
  test('in select, where and orderBy they run on the rows that PostgreSQL returns', async () => {
    await using data = await filled(engine, 60)
    const { query } = data
    const numbers = Array.from({ length: 60 }, (_, n) => n)
    calls.squares = 0
    const selected = await query
      .where((r) => r.n.lt(3))
      .orderBy((r) => r.n, 'desc')
      .select((r) => ({
        n: r.n,
        deep: { square: square(r.n.add(1).cast(t.int())), next: square(r.n).add(r.minus) },
        word: words(r.name, r.maybe).upper,
        both: words(r.name, r.maybe),
      }))
      .execute()
    expect(selected).toEqual(
      [2, 1, 0].map((n) => ({ n, deep: { square: (n + 1) ** 2, next: n * n - n }, word: `N${n}`, both: { upper: `N${n}`, n: n % 3 === 0 ? -1 : n % 5 } })),
    )
    expect(calls.squares).toBe(6)

    const filtered = query
      .where((r) => picky(r.n.add(100).cast(t.int())))
      .where((r) => r.n.gt(5))
      .orderBy((r) => r.n)
      .select((r) => ({ n: r.n }))
    const even = numbers.filter((n) => n > 5 && (n + 100) % 3 !== 0 && n % 2 === 0)
    expect((await filtered.execute()).map(({ n }) => n)).toEqual(even)
    expect(await filtered.count()).toBe(even.length)
    expect((await filtered.limit(4).offset(3).execute()).map(({ n }) => n)).toEqual(even.slice(3, 7))
    expect(await filtered.executeTakeFirst()).toEqual({ n: even[0] })
    const streamed: number[] = []
    for await (const { n } of filtered.stream()) {
      streamed.push(n)
      if (streamed.length === 5) break
    }
    expect(streamed).toEqual(even.slice(0, 5))

    const sorted = query
      .where((r) => r.n.lt(20))
      .orderBy((r) => square(r.n.sub(9).cast(t.int())), 'desc')
      .orderBy((r) => r.n)
      .select((r) => ({ n: r.n, minus: r.minus, square: square(r.n) }))
    const wanted = numbers.slice(0, 20).toSorted((a, b) => (b - 9) ** 2 - (a - 9) ** 2 || a - b)
    expect((await sorted.execute()).map(({ n }) => n)).toEqual(wanted)
    expect(await sorted.limit(3).offset(2).execute()).toEqual(wanted.slice(2, 5).map((n) => ({ n, minus: -n, square: n * n })))
    const nullsLast = await query
      .where((r) => r.n.lt(7))
      .orderBy((r) => picky(r.n), 'desc')
      .orderBy((r) => r.n)
      .select((r) => ({ n: r.n }))
      .execute()
    expect(nullsLast.map(({ n }) => n)).toEqual([2, 4, 1, 5, 0, 3, 6])

    // a limit ends the query early, and conditions run before what is selected
    calls.squares = 0
    await query
      .where((r) => picky(r.n.add(100).cast(t.int())))
      .limit(2)
      .select((r) => ({ x: square(r.n) }))
      .execute()
    expect(calls.squares).toBe(2)
    calls.squares = 0
    expect(
      await query
        .sample(5)
        .select((r) => ({ x: square(r.n) }))
        .execute(),
    ).toHaveLength(5)
    expect(calls.squares).toBe(5)
    calls.squares = 0
    expect(await query.select((r) => ({ x: square(r.n) })).count()).toBe(60)
    expect(calls.squares).toBe(0)

    const page = await query
      .where((r) => picky(r.n.add(100).cast(t.int())))
      .orderBy((r) => r.n)
      .limit(3)
      .executePage()
    const next = await query
      .where((r) => picky(r.n.add(100).cast(t.int())))
      .orderBy((r) => r.n)
      .limit(3)
      .after(page.next)
      .executePage()
    const all = numbers.filter((n) => (n + 100) % 3 !== 0 && n % 2 === 0)
    expect([...page.rows, ...next.rows].map(({ n }) => n)).toEqual(all.slice(0, 6))

    // over groups: having, and an aggregate of one's own
    const folded = await query
      .where((r) => r.n.lt(12))
      .groupBy(
        (r) => ({ rest: r.n.mod(3) }),
        (r) => ({ small: r.n.lt(7) }),
      )
      .having((key) => square(key.rest.cast(t.int())).lt(4))
      .orderBy((key) => key.rest, 'desc')
      .select((key, r, value) => ({
        rest: key.rest,
        n: count(),
        product: product(r.n.where(value.small).orderBy(r.n, 'desc'), r.name),
        maybe: product(r.maybe, r.name),
      }))
      .execute()
    expect(folded).toEqual([
      { rest: 1, n: 4, product: '4 n4n1', maybe: '0 n1n4n7n10' },
      { rest: 0, n: 4, product: '0 n6n3n0', maybe: '1 ' },
    ])
  })

  test('many rows come in batches, a signal ends it, a failure names the row', async () => {
    await using data = await filled(engine, 2500)
    const { query } = data
    calls.batches = []
    let sum = 0
    for await (const row of query.select((r) => ({ n: r.n, word: words(r.name, r.n) })).stream()) sum += row.word.n === row.n ? 1 : 0
    expect(sum).toBe(2500)
    expect(Math.max(...calls.batches)).toBe(16)
    await expect(query.where((r) => picky(r.n)).execute()).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: 'adhoc_picky(n) failed for the row 14: thirteen',
      details: { id: 14 },
    })
    const controller = new AbortController()
    const running = query.select((r) => ({ x: slow(r.n) })).execute({ signal: controller.signal })
    setTimeout(() => controller.abort(), 150)
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
    // the connection is free
    expect(await query.count()).toBe(2500)
  })

  test('explain() and toSQL() show what PostgreSQL does and what is left to functions', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(things)
    const split = query
      .where((r) => r.n.gt(3))
      .where((r) => picky(r.n))
      .orderBy((r) => r.name)
      .limit(5)
      .select((r) => ({ a: r.maybe, b: words(r.name.upper(), r.n) }))
    const { functions, sql, lines } = await split.explain()
    expect(functions).toEqual([
      { clause: 'where', expression: 'adhoc_picky(n)' },
      { clause: 'select', expression: 'adhoc_words(name.upper(), n)' },
    ])
    expect(sql).toContain('where (t."n" > $1::int8)\norder by (t."name" collate "C") asc')
    expect(sql).not.toContain('limit')
    expect((await split.toSQL()).sql).toBe(sql)
    expect(lines.length).toBeGreaterThan(0)
    expect((await query.select((r) => ({ n: r.n })).explain()).functions).toEqual([])
  })

  test('where only PostgreSQL can answer a function is refused with the reason', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(things)
    const refused = async (run: { execute(): Promise<unknown> }): Promise<void> =>
      expect(run.execute()).rejects.toThrow(/stands where only PostgreSQL can answer .* is a function: make it a computed column\./u)
    await refused(query.join(things, (a, b) => picky(a.n).and(b.n.eq(1))))
    await refused(query.groupBy((r) => ({ x: square(r.n) })))
    await refused(query.where((r) => picky(r.n)).groupBy((r) => ({ n: r.n })))
    await refused(
      query
        .groupBy(
          () => ({}),
          (r) => ({ x: square(r.n) }),
        )
        .select((_key, _r, value) => ({ x: value.x.sum() })),
    )
    await refused(query.select((r) => ({ x: square(r.n) })).distinct())
    await refused(query.distinctOn((r) => r.name).orderBy((r) => square(r.n)))
    await refused(query.sample({ count: 3, by: (r) => square(r.n) }))
    await expect(
      query
        .orderBy((r) => square(r.n))
        .limit(3)
        .executePage(),
    ).rejects.toThrow('stands where only PostgreSQL can answer')
    await expect(query.where((r) => picky(r.n)).delete()).rejects.toThrow('cannot be evaluated by PostgreSQL: adhoc_picky is a function')
  })
})

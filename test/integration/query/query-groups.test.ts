import { count, lit, t, table, udf, when } from '@vivant/core'
import { expect, test } from 'vitest'
import { describeEngines, type Engine } from '../../engines.ts'
import { numbers } from './numbers.ts'
import { openQueries } from './open-queries.ts'

const double = udf({ name: 'group_double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)

const shops = table('shops', { name: t.text(), open: t.boolean() })
const sales = table('sales', {
  shop: t.int(),
  kind: t.enum('b', 'a', 'ä').nullable(),
  price: t.float().nullable(),
  amount: t.int(),
  big: t.bigint().nullable(),
  at: t.timestamp(),
  key: t.uuid(),
  paid: t.boolean().nullable(),
  meta: t.json<{ a: number }>().nullable(),
  vector: t.vector(2).nullable(),
}).computed('twice', (s) => double(s.amount))

interface Sale {
  readonly shop: number
  readonly kind: 'a' | 'b' | 'ä' | null
  readonly price: number | null
  readonly amount: number
  readonly big: bigint | null
  readonly at: Date
  readonly key: string
  readonly paid: boolean | null
  readonly meta: { a: number } | null
  readonly vector: Float32Array | null
}

function generated(rows: number, seed: number): readonly Sale[] {
  const [n, m, o] = [numbers(rows, 97, seed), numbers(rows, 11, seed + 1), numbers(rows, 5, seed + 2)] as [number[], number[], number[]]
  return Array.from({ length: rows }, (_, row) => ({
    shop: (n[row]! % 4) + 1,
    kind: ([null, 'a', 'b', 'ä', 'a'] as const)[o[row]!] ?? null,
    price: m[row] === 0 ? null : m[row]! / 4,
    amount: n[row]! % 10,
    big: o[row] === 0 ? null : 10n ** 18n * BigInt(m[row]!),
    at: new Date(Date.UTC(2024, n[row]! % 12, 1 + o[row]!)),
    key: `00000000-0000-4000-8000-0000000000${String(n[row]).padStart(2, '0')}`,
    paid: o[row] === 1 ? null : m[row]! % 2 === 0,
    meta: o[row] === 2 ? null : { a: m[row]! },
    vector: o[row] === 3 ? null : new Float32Array([n[row]!, 1]),
  }))
}

async function filled(engine: Engine, rows: readonly Sale[]) {
  const db = await openQueries(engine)
  await db.create(shops)
  await db.insert(
    shops,
    ['p', 'q', 'r'].map((name, index) => ({ name, open: index < 2 })),
  )
  const sale = await db.create(sales)
  await db.insert(sales, rows)
  await db.settled()
  return { db, sale, [Symbol.asyncDispose]: () => db[Symbol.asyncDispose]() }
}

const isThere = <V>(value: V | null): value is V => value !== null
const sum = (values: readonly number[]): number | null => (values.length ? values.reduce((a, b) => a + b, 0) : null)
const least = <V extends number | bigint | string | Date>(values: readonly V[]): V | null =>
  values.reduce<V | null>((a, b) => (a === null || b < a ? b : a), null)
const greatest = <V extends number | bigint | string | Date>(values: readonly V[]): V | null =>
  values.reduce<V | null>((a, b) => (a === null || b > a ? b : a), null)

describeEngines('groups', (engine) => {
  test('every aggregate of generated groups is what JavaScript makes of them', async () => {
    const rows = generated(120, 11)
    await using data = await filled(engine, rows)
    const found = await data.sale
      .groupBy(
        (s) => ({ shop: s.shop, when: { month: s.at.trunc('month') } }),
        (s) => ({ total: s.price.mul(s.amount), many: s.amount.gt(5) }),
      )
      .orderBy((key) => key.when.month, 'desc')
      .orderBy((key) => key.shop)
      .select((key, s, value) => ({
        key,
        next: key.shop.add(1),
        n: count(),
        many: count(value.many),
        prices: s.price.count(),
        kinds: s.kind.countDistinct(),
        metas: s.meta.countDistinct(),
        sums: { price: s.price.sum(), big: s.big.sum(), total: value.total.sum(), half: s.amount.sum().div(2), twice: s.twice.sum() },
        avg: s.amount.avg(),
        bigAvg: s.big.avg(),
        least: { price: s.price.min(), big: s.big.min(), kind: s.kind.min(), at: s.at.min(), key: s.key.min() },
        greatest: { price: s.price.max(), big: s.big.max(), kind: s.kind.max(), at: s.at.max(), key: s.key.max() },
        any: s.paid.any(),
        every: s.paid.every(),
        amounts: s.amount.list(),
        byPrice: s.kind.where(value.many).orderBy(s.price, 'desc').orderBy(s._id).list(),
        metaList: s.meta.list(),
        vectors: s.vector.list(),
        times: s.at.list(),
        bigs: s.big.list(),
        paid: s.price.where(s.paid).sum(),
      }))
      .execute()
    const groups = Map.groupBy(rows, (row) => `${row.shop} ${row.at.getUTCMonth()}`)
    const wanted = [...groups.values()]
      .toSorted((a, b) => b[0]!.at.getUTCMonth() - a[0]!.at.getUTCMonth() || a[0]!.shop - b[0]!.shop)
      .map((group) => {
        const of = <K extends keyof Sale>(key: K) => group.map((row) => row[key]).filter(isThere)
        const paid = of('paid')
        const many = group.map((row, id) => ({ ...row, id })).filter((row) => row.amount > 5)
        const bigs = of('big') as bigint[]
        const bigSum = bigs.length ? bigs.reduce((a, b) => a + b, 0n) : null
        return {
          key: { shop: group[0]!.shop, when: { month: new Date(Date.UTC(2024, group[0]!.at.getUTCMonth())) } },
          next: group[0]!.shop + 1,
          n: group.length,
          many: many.length,
          prices: of('price').length,
          kinds: new Set(of('kind')).size,
          metas: new Set(of('meta').map((meta) => meta!.a)).size,
          sums: {
            price: sum(of('price') as number[]),
            big: bigSum !== null && bigSum < 10n ** 20n ? bigSum : null,
            total: sum(group.flatMap((row) => (row.price === null ? [] : [row.price * row.amount]))),
            half: sum(of('amount'))! / 2,
            twice: sum(group.map((row) => row.amount * 2)),
          },
          avg: expect.closeTo(sum(group.map((row) => row.amount))! / group.length, 9) as number,
          bigAvg: bigSum === null ? null : (expect.closeTo(Number(bigSum) / bigs.length, -6) as number),
          least: {
            price: least(of('price') as number[]),
            big: least(bigs),
            kind: least(of('kind') as string[]),
            at: least(of('at')),
            key: least(of('key')),
          },
          greatest: {
            price: greatest(of('price') as number[]),
            big: greatest(bigs),
            kind: greatest(of('kind') as string[]),
            at: greatest(of('at')),
            key: greatest(of('key')),
          },
          any: paid.length ? paid.some(Boolean) : null,
          every: paid.length ? paid.every(Boolean) : null,
          amounts: group.map((row) => row.amount),
          byPrice: many
            .toSorted((a, b) => (b.price ?? -1) - (a.price ?? -1) || a.id - b.id)
            .map((row) => row.kind)
            .filter(isThere),
          metaList: of('meta'),
          vectors: of('vector').map((vector) => [...vector!]),
          times: of('at'),
          bigs,
          paid: sum(group.flatMap((row) => (row.paid && row.price !== null ? [row.price] : []))),
        }
      })
    expect(found.map((row) => ({ ...row, vectors: row.vectors.map((vector) => [...vector]) }))).toEqual(wanted)

    // all rows as one group, also of none
    const one = data.sale.groupBy(() => ({})).select((_key, s) => ({ n: count(), sum: s.price.sum(), list: s.kind.list(), min: s.at.min() }))
    expect((await one.execute())[0]!.n).toBe(120)
    const none = data.sale
      .where(() => lit(false))
      .groupBy(() => ({}))
      .select((_key, s) => ({ n: count(), sum: s.price.sum(), list: s.kind.list(), metas: s.meta.list() }))
    expect(await none.execute()).toEqual([{ n: 0, sum: null, list: [], metas: [] }])
    expect(
      await data.sale
        .where(() => lit(false))
        .groupBy((s) => ({ shop: s.shop }))
        .execute(),
    ).toEqual([])

    // having, count, pages, keys alone, keys by expressions with constants, distinct results of groups
    const perShop = data.sale
      .groupBy((s) => ({ shop: s.shop }))
      .having((_key, s) => s.amount.sum().gt(100))
      .orderBy((_key, s) => s.amount.sum(), 'desc')
    const shopSums = [...Map.groupBy(rows, (row) => row.shop)].map(([shop, group]) => ({ shop, sum: sum(group.map((row) => row.amount))! }))
    const big = shopSums.filter((entry) => entry.sum > 100).toSorted((a, b) => b.sum - a.sum)
    expect(big.length).toBeGreaterThan(1)
    expect(await perShop.execute()).toEqual(big.map(({ shop }) => ({ shop })))
    expect(await perShop.limit(1).offset(1).execute()).toEqual([{ shop: big[1]!.shop }])
    expect(await perShop.count()).toBe(big.length)
    const seen: unknown[] = []
    for await (const row of perShop.stream({ chunkSize: 1 })) seen.push(row)
    expect(seen).toEqual(await perShop.execute())
    const classes = data.sale
      .groupBy((s) => ({ size: when(s.amount.add(1).gt(5), 'big', 'small') }))
      .orderBy((key) => key.size)
      .select((key) => ({ size: key.size, label: key.size.concat('!') }))
    expect(await classes.execute()).toEqual([
      { size: 'big', label: 'big!' },
      { size: 'small', label: 'small!' },
    ])
    expect(
      await data.sale
        .groupBy((s) => ({ shop: s.shop }))
        .select(() => ({ some: count().gt(0) }))
        .distinct()
        .execute(),
    ).toEqual([{ some: true }])

    // distinct rows
    const kinds = data.sale
      .select((s) => ({ kind: s.kind, even: s.amount.mod(2).eq(0) }))
      .distinct()
      .orderBy((s) => s.kind, 'desc')
      .orderBy((s) => s.amount.mod(2).eq(0))
    const model = [...new Map(rows.map((row) => [`${row.kind} ${row.amount % 2}`, { kind: row.kind, even: row.amount % 2 === 0 }])).values()]
    const wantedKinds = model.toSorted((a, b) =>
      a.kind === b.kind ? Number(a.even) - Number(b.even) : a.kind === null ? 1 : b.kind === null ? -1 : a.kind < b.kind ? 1 : -1,
    )
    expect(await kinds.execute()).toEqual(wantedKinds)
    expect(await kinds.count()).toBe(model.length)
    expect(await kinds.limit(2).offset(1).execute()).toEqual(wantedKinds.slice(1, 3))

    // groups of a join
    const joined = await data.sale
      .leftJoin(shops, (s, shop) => s.shop.eq(shop._id))
      .groupBy((_s, shop) => ({ open: shop.open }))
      .orderBy((key) => key.open)
      .select((key, s, shop) => ({ open: key.open, shops: shop.name.countDistinct(), ids: shop._id.count(), n: s._id.count() }))
      .execute()
    const isOpen = (row: Sale) => (row.shop <= 2 ? true : row.shop === 3 ? false : null)
    const part = (open: boolean | null) => rows.filter((row) => isOpen(row) === open)
    expect(joined).toEqual([
      { open: false, shops: 1, ids: part(false).length, n: part(false).length },
      { open: true, shops: 2, ids: part(true).length, n: part(true).length },
      { open: null, shops: 0, ids: 0, n: part(null).length },
    ])
  })

  test('ready() groups the rows whose cells are there, fresh() waits for all; without them a pending cell is a null', async () => {
    await using db = await openQueries(engine)
    const sale = await db.create(sales)
    const [first, second] = generated(2, 3)
    await db.insert(sales, [first!])
    await db.settled()
    await db.stopWorker()
    await db.insert(sales, [second!])
    const totals = (query: typeof sale) => query.groupBy(() => ({})).select((_key, s) => ({ n: count(), twice: s.twice.sum(), states: s._status.list() }))
    const [early] = await totals(sale).execute()
    expect(early).toEqual({ n: 2, twice: first!.amount * 2, states: [{}, { twice: 'pending' }] })
    expect(
      await totals(sale.ready() as never)
        .select((_key, s) => ({ n: count(), twice: s.twice.sum() }))
        .execute(),
    ).toEqual([{ n: 1, twice: first!.amount * 2 }])
    await expect(totals(sale.fresh({ timeoutMs: 30 }) as never).execute()).rejects.toMatchObject({ code: 'TIMEOUT' })
    await db.startWorker()
    expect((await totals(sale.fresh() as never).execute())[0]).toMatchObject({ n: 2, twice: (first!.amount + second!.amount) * 2 })
  })

  test('the statement', async () => {
    await using db = await openQueries(engine, { worker: false })
    const sale = await db.create(sales)
    const query = sale
      .where((s) => s.amount.gt(0))
      .groupBy((s) => ({ month: s.at.trunc('month') }))
      .having(() => count().gt(1))
      .orderBy((_key, s) => s.price.max(), 'desc')
      .limit(3)
      .select((key, s) => ({ month: key.month, n: count(), top: s.price.max(), paid: s.price.where(s.paid).sum() }))
    const { sql } = await query.toSQL()
    expect(sql.replaceAll(/vivant\.\w+\(.*?\) as _g0|date_trunc.*? as _g0|\(.*?\) as _g0/gsu, 'MONTH as _g0')).toMatch(
      /as _g0, t\."price" as _g1, t\."paid" as _g2, t\."_id" as _id\nfrom "public"\."sales" t\nwhere/u,
    )
    expect(sql).toContain('\ngroup by g._g0\nhaving (count(*) > ')
    expect(sql).toContain('(sum(g._g1) filter (where g._g2))::float8')
  })

  test('what makes no sense of groups is said in words', async () => {
    await using db = await openQueries(engine, { worker: false })
    const [sale] = [await db.create(sales), await db.create(shops)]
    const groups = sale.groupBy((s) => ({ shop: s.shop }))
    let bare: unknown
    sale.where((s) => {
      bare = s.price
      return s.paid
    })
    expect(() => sale.groupBy((s) => s.shop as never)).toThrow('groupBy() takes expressions by name')
    expect(() => groups.select((_key, s) => ({ price: s.price as never }))).toThrow('select(): price takes expressions by name')
    expect(() => groups.select((_key, s) => ({ x: (s.kind as never as { sum(): never }).sum() }))).toThrow(/sum\(\) of kind: enum.* has none/u)
    expect(() => groups.select((_key, s) => ({ x: (s.vector as never as { countDistinct(): never }).countDistinct() }))).toThrow('countDistinct() of vector')
    expect(() => groups.select((_key, s) => ({ x: s.price.where(s.amount as never).sum() }))).toThrow('where() of price takes a boolean, not int (amount).')
    expect(() => groups.select((_key, s) => ({ x: s.price.where(bare as never).sum() }))).toThrow("where() of price takes a column of the group's rows")
    expect(() => groups.select((_key, s) => ({ x: s.price.orderBy(s.at, 'up' as never).list() }))).toThrow("goes 'asc' or 'desc'")
    expect(() => groups.select((_key, s) => ({ x: (s as never as { nope: never }).nope }))).toThrow("'sales' has no column 'nope'")
    expect(() => (groups as never as typeof sale).where(() => lit(true))).toThrow('where() comes before groupBy(): having() chooses among groups.')
    expect(() => (groups as never as typeof sale).join(shops, () => lit(true))).toThrow('join() comes before groupBy()')
    expect(() => (groups as never as typeof sale).groupBy(() => ({}))).toThrow('groupBy() comes before groupBy(): a query groups once.')
    await expect(groups.select(() => ({ price: bare as never })).execute()).rejects.toThrow(
      'price is no key of the group: add it to groupBy(), or take an aggregate of it.',
    )
    await expect(sale.select(() => ({ n: count() })).execute()).rejects.toThrow('count() is of a group: group the rows first, with groupBy().')
    await expect(
      sale
        .select((s) => ({ kind: s.kind }))
        .distinct()
        .orderBy((s) => s.price)
        .execute(),
    ).rejects.toThrow('orderBy(): price is not selected')
    expect(() => table('x', { a: t.int() }).computed('n', () => count() as never)).toThrow("'n' uses an aggregate of a group, which only a query can")
  })
})

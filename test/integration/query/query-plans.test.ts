import { count, t, table, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { exists } from '../../../packages/vivant/src/query/subquery.ts'
import { describeEngines } from '../../engines.ts'
import { openQueries } from './open-queries.ts'

const shops = table('plan_shops', { name: t.text() })
const sales = table('plan_sales', { shop: t.int(), at: t.timestamp(), price: t.float() })
const one = udf({ name: 'plan_one', input: [t.int()], output: t.int(), version: '1' }, (n) => n)
const wide = table('plan_wide', { n: t.int() })
  .computed('a', (r) => one(r.n))
  .computed('b', (r) => one(r.n))
  .computed('c', (r) => one(r.n))
  .computed('d', (r) => one(r.n))
  .computed('e', (r) => one(r.n))
  .computed('f', (r) => one(r.n))
  .computed('g', (r) => one(r.n))
  .computed('h', (r) => one(r.n))
  .computed('i', (r) => one(r.n))
  .computed('j', (r) => one(r.n))

describeEngines('plans', (engine) => {
  test('indexes over stored columns answer joins, pages, subqueries and the first rows of an order', async () => {
    await using db = await openQueries(engine, { worker: false })
    const [shop, sale] = [await db.create(shops), await db.create(sales)]
    const { database } = db.runtime
    await database.query(`insert into plan_shops (name) select 'shop ' || n from generate_series(1, 500) n`)
    await database.query(
      `insert into plan_sales (shop, at, price) select n % 500 + 1, '2024-01-01'::timestamptz + n * interval '1 minute', n % 97 from generate_series(1, 20000) n`,
    )
    await database.query(
      'create index plan_by_shop on plan_sales (shop); create index plan_by_at on plan_sales (at, _id); analyze plan_sales; analyze plan_shops',
    )
    const plan = async (query: { explain(): Promise<{ lines: readonly string[] }> }): Promise<string> => (await query.explain()).lines.join('\n')
    const page = await sale
      .orderBy((s) => s.at)
      .limit(50)
      .executePage()
    expect(
      await plan(
        sale
          .orderBy((s) => s.at)
          .limit(50)
          .after(page.next),
      ),
    ).toMatch(/Index Scan using plan_by_at[\s\S]*Index Cond: \(ROW\("?at"?, _id\) > ROW/u)
    expect(await plan(sale.orderBy((s) => s.at, 'desc').limit(5))).toContain('Index Scan Backward using plan_by_at')
    const few = shop.where((s) => s._id.eq(7))
    expect(await plan(few.join(sales, (s, sold) => sold.shop.eq(s._id)))).toContain('plan_by_shop')
    expect(await plan(few.where((s) => exists(sale.where((sold) => sold.shop.eq(s._id)))))).toContain('plan_by_shop')
    const sums = sale
      .where((s) => s.shop.eq(7))
      .groupBy((s) => ({ shop: s.shop }))
      .select((key, s) => ({ shop: key.shop, n: count(), sum: s.price.sum() }))
    expect(await plan(sums)).toContain('plan_by_shop')
    expect(await plan(sale.groupBy((s) => ({ shop: s.shop })))).toMatch(/HashAggregate|plan_by_shop/u)
    expect(await plan(sale.sample(5))).toContain('Seq Scan on plan_sales')
  })

  // without, planning ten joins takes longer than everything else
  test.runIf(engine.name === 'server')('a page of many cells is planned once', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(wide)
    const { database } = db.runtime
    await database.query('insert into plan_wide (n) select n from generate_series(1, 1000) n')
    const page = (from: number) =>
      query
        .where((r) => r._id.gt(from))
        .orderBy((r) => r._id)
        .limit(5)
        .select((r) => ({ a: r.a, b: r.b, c: r.c, d: r.d, e: r.e, f: r.f, g: r.g, h: r.h, i: r.i, j: r.j }))
        .execute()
    for (let from = 0; from < 20; from++) await page(from)
    const { rows } = await database.query<{ generic: number; custom: number }>(
      `select generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements where statement like 'with k as%plan_wide%'`,
    )
    expect(rows).toEqual([{ generic: 15, custom: 5 }])
  })
})

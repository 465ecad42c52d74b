import { t, table, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { numbers } from './numbers.ts'
import { openQueries } from './open-queries.ts'

const loud = udf({ name: 'join_loud', input: [t.text()], output: t.text(), version: '1' }, (text) => `${text}!`)

const cities = table('cities', { name: t.text(), country: t.text().nullable(), parent: t.int().nullable() })
  .computed('shout', (c) => loud(c.name))
  .computed('unknown', (c) => c.country.isNull())
const visits = table('visits', { city: t.int().nullable(), days: t.int(), note: t.text() }).computed('cry', (v) => loud(v.note))

async function filled(engine: Parameters<Parameters<typeof describeEngines>[1]>[0]) {
  const db = await openQueries(engine)
  const [city, visit] = [await db.create(cities), await db.create(visits)]
  const countries = ['a', 'b', null]
  const cityRows = numbers(12, 3, 7).map((n, index) => ({
    name: `c${index}`,
    country: countries[n] ?? null,
    parent: index === 0 ? null : Math.ceil(index / 2),
  }))
  const cityIds = await db.insert(cities, cityRows)
  const visitRows = numbers(40, 16, 3).map((n, index) => ({ city: n < 14 ? n + 1 : null, days: (n * 7 + index) % 5, note: `n${n}` }))
  const visitIds = await db.insert(visits, visitRows)
  await db.settled()
  const model = {
    cities: cityRows.map((row, index) => ({ _id: cityIds[index]!, ...row })),
    visits: visitRows.map((row, index) => ({ _id: visitIds[index]!, ...row })),
  }
  return { db, city, visit, model, [Symbol.asyncDispose]: () => db[Symbol.asyncDispose]() }
}

describeEngines('joins', (engine) => {
  test('a join gives each pair that meets the condition, with the cells of both tables', async () => {
    await using data = await filled(engine)
    const { visit, model } = data
    const found = await visit
      .join(cities, (v, c) => v.city.eq(c._id))
      .where((v, c) => v.days.gt(1).and(c.shout.ne('c3!')))
      .orderBy((v) => v._id)
      .select((v, c) => ({ visit: v._id, cry: v.cry, name: c.name, shout: c.shout, unknown: c.unknown, state: c._status }))
      .execute()
    const wanted = model.visits.flatMap((v) => {
      const c = model.cities.find(({ _id }) => _id === v.city)
      if (!c || v.days <= 1 || c.name === 'c3') return []
      return [{ visit: v._id, cry: `${v.note}!`, name: c.name, shout: `${c.name}!`, unknown: c.country === null, state: {} }]
    })
    expect(wanted.length).toBeGreaterThan(5)
    expect(found).toEqual(wanted)
    expect(await visit.join(cities, (v, c) => v.city.eq(c._id)).count()).toBe(model.visits.filter((v) => v.city !== null && v.city <= 12).length)
  })

  test('a left join keeps rows without a partner: of the missing row everything is null, virtual columns and states too', async () => {
    await using data = await filled(engine)
    const { visit, model } = data
    const found = await visit
      .leftJoin(cities, (v, c) => v.city.eq(c._id).and(c.shout.ne('c1!')))
      .orderBy((v) => v._id)
      .select((v, c) => ({ id: v._id, city: c._id, unknown: c.unknown, shout: c.shout, status: c._status, cell: c.shout.cell.status }))
      .execute()
    expect(found).toEqual(
      model.visits.map((v) => {
        const c = model.cities.find(({ _id, name }) => _id === v.city && name !== 'c1')
        if (!c) return { id: v._id, city: null, unknown: null, shout: null, status: null, cell: null }
        return { id: v._id, city: c._id, unknown: c.country === null, shout: `${c.name}!`, status: {}, cell: 'ok' }
      }),
    )
  })

  test('a table is joined to itself, and three tables to each other', async () => {
    await using data = await filled(engine)
    const { city, model } = data
    const pairs = await city
      .join(cities, (c, up) => c.parent.eq(up._id))
      .leftJoin(visits, (c, up, v) => v.city.eq(up._id).and(v.days.eq(4)))
      .orderBy((c) => c._id)
      .orderBy((_c, _up, v) => v._id, 'desc')
      .limit(15)
      .select((c, up, v) => ({ name: c.shout, up: up.shout, visit: v._id }))
      .execute()
    const wanted = model.cities.flatMap((c) => {
      const up = model.cities.find(({ _id }) => _id === c.parent)
      if (!up) return []
      const found = model.visits.filter((v) => v.city === up._id && v.days === 4).toReversed()
      return (found.length ? found : [null]).map((v) => ({ name: `${c.name}!`, up: `${up.name}!`, visit: v?._id ?? null }))
    })
    expect(pairs).toEqual(wanted.slice(0, 15))
  })

  test('the statement', async () => {
    await using db = await openQueries(engine, { worker: false })
    const [visit] = [await db.create(visits), await db.create(cities)]
    const [cry] = (await db.runtime.model('visits')).cells
    const [shout] = (await db.runtime.model('cities')).cells
    const { sql } = await visit
      .leftJoin(cities, (v, c) => v.city.eq(c._id))
      .orderBy((_v, c) => c.name, 'desc')
      .select((v, c) => ({ cry: v.cry, shout: c.shout }))
      .toSQL()
    expect(sql).toBe(`select c${cry!.id}.value, c${shout!.id}_t1.value
from "public"."visits" t
left join vivant_data."${cry!.cellTable}" c${cry!.id} on c${cry!.id}._id = t."_id"
left join ("public"."cities" t1
left join vivant_data."${shout!.cellTable}" c${shout!.id}_t1 on c${shout!.id}_t1._id = t1."_id") on (t."city" = t1."_id")
order by (t1."name" collate "C") desc nulls last`)
  })

  test('ready() leaves out rows with unsettled cells of either table, fresh() waits for them', async () => {
    await using db = await openQueries(engine, { worker: false })
    const [visit] = [await db.create(visits), await db.create(cities)]
    await db.insert(cities, [{ name: 'x' }])
    await db.insert(visits, [
      { city: 1, days: 1, note: 'n' },
      { days: 2, note: 'm' },
    ])
    const read = (from: typeof visit | ReturnType<typeof visit.ready>) =>
      (from as typeof visit)
        .leftJoin(cities, (v, c) => v.city.eq(c._id))
        .orderBy((v) => v._id)
        .select((v, c) => ({ days: v.days, shout: c.shout }))
    expect(await read(visit).execute()).toEqual([
      { days: 1, shout: null },
      { days: 2, shout: null },
    ])
    expect(await read(visit.ready()).execute()).toEqual([{ days: 2, shout: null }])
    await expect(read(visit.fresh({ timeoutMs: 50 }) as never).execute()).rejects.toMatchObject({ code: 'TIMEOUT' })
    await db.startWorker()
    expect(await read(visit.fresh() as never).execute()).toEqual([
      { days: 1, shout: 'x!' },
      { days: 2, shout: null },
    ])
    const byCell = visit.fresh().join(cities, (v, c) => v.cry.eq(c.shout))
    expect(await byCell.count()).toBe(0)
  })

  test('with a limit and many cells the ids come first, and give the same rows', async () => {
    await using db = await openQueries(engine)
    const wide = table('wide', { a: t.int() })
      .computed('w0', (r) => loud(r.a.cast(t.text())))
      .computed('w1', (r) => loud(r.w0))
      .computed('w2', (r) => loud(r.w1))
      .computed('w3', (r) => loud(r.w2))
    const query = await db.create(wide)
    await db.insert(
      wide,
      numbers(30, 9, 5).map((a) => ({ a })),
    )
    await db.settled()
    const joined = query
      .leftJoin(wide, (x, y) => x.a.add(1).eq(y.a))
      .orderBy((_x, y) => y.a, 'desc')
      .orderBy((x) => x._id)
      .orderBy((_x, y) => y._id)
      .select((x, y) => ({ x: x._id, y: y._id, all: { a: x.w0, b: x.w1, c: x.w2, d: x.w3, e: y.w0, f: y.w1, g: y.w2, h: y.w3 } }))
    const { sql } = await joined.limit(9).toSQL()
    expect(sql).toMatch(/^with k as materialized/u)
    expect(await joined.limit(9).offset(2).execute()).toEqual((await joined.execute()).slice(2, 11))
  })

  test('what cannot be joined is said', async () => {
    await using db = await openQueries(engine, { worker: false })
    const [visit] = [await db.create(visits), await db.create(cities)]
    expect(() => visit.join('cities' as never, () => true as never)).toThrow(expect.objectContaining({ code: 'TYPE_MISMATCH' }) as Error)
    expect(() => visit.join(cities, (v) => v.note as never)).toThrow('join() takes boolean, not text (note)')
    const joined = visit.join(cities, (v, c) => v.city.eq(c._id)).where((v) => v.days.gt(1)) as never as typeof visit
    await expect(joined.update({ days: 1 })).rejects.toThrow('takes conditions alone')
    let stranger: unknown
    visit.where((v) => {
      stranger = v.note
      return v.days.gt(1)
    })
    const begun = await db.create(visits)
    await expect(begun.select(() => ({ note: stranger as never })).execute()).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
  })
})

import { embeddingModel, type SchemaOf, t, table, tableDefinition, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import type { TableQuery } from '../../../packages/vivant/src/query/query.ts'
import { createTableQuery } from '../../../packages/vivant/src/query/table-query.ts'
import { describeEngines } from '../../engines.ts'
import { type OpenQueries, openQueries } from './open-queries.ts'

const dimensions = 16
const clusters = 20
const count = 3000

/** Text to a vector: the text is the vector in JSON. Counts its calls. */
let calls = 0
const embed = udf({ name: 'search_embed', input: [t.text()], output: t.vector(dimensions), version: '1' }, (text) => {
  calls++
  return Float32Array.from(JSON.parse(text) as number[])
})
const model = embeddingModel({ name: 'search', embed })

const items = table('items', { body: t.text(), bucket: t.int(), cluster: t.int(), label: t.text() }).embeddingIndex('body', model)
const itemsL2 = table('items', { body: t.text(), bucket: t.int(), cluster: t.int(), label: t.text() }).embeddingIndex('body', model, { metric: 'l2' })
const itemsIp = table('items', { body: t.text(), bucket: t.int(), cluster: t.int(), label: t.text() }).embeddingIndex('body', model, { metric: 'innerProduct' })
type Items = SchemaOf<typeof items>

interface Item {
  readonly id: number
  readonly vector: Float32Array | null
  readonly bucket: number
  readonly cluster: number
}

const metrics = {
  cosine: {
    definition: items,
    operatorClass: 'vector_cosine_ops',
    distance: (a: Float32Array, b: Float32Array) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
    similarity: (distance: number) => 1 - distance,
  },
  l2: {
    definition: itemsL2 as typeof items,
    operatorClass: 'vector_l2_ops',
    distance: (a: Float32Array, b: Float32Array) => Math.sqrt(a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0)),
    similarity: (distance: number) => 1 / (1 + distance),
  },
  innerProduct: {
    definition: itemsIp as typeof items,
    operatorClass: 'vector_ip_ops',
    distance: (a: Float32Array, b: Float32Array) => -dot(a, b),
    similarity: (distance: number) => -distance,
  },
}
type Metric = keyof typeof metrics

describeEngines('search by similarity', (engine) => {
  for (const metric of ['cosine', 'l2', 'innerProduct'] as const) {
    test(`gives exactly min(k, matching) rows, and the right ones: ${metric}`, async () => {
      await using db = await openQueries(engine, { worker: false })
      const { query, all, random } = await fill(db, metric)
      const { distance, similarity } = metrics[metric]
      const filters: { readonly name: string; readonly keep: (item: Item) => boolean; readonly of: TableQuery<Items> }[] = [
        { name: '100 %', keep: () => true, of: query },
        { name: '10 %', keep: (item) => item.bucket < 100, of: query.where((r) => r.bucket.lt(100)) },
        { name: '1 %', keep: (item) => item.bucket < 10, of: query.where((r) => r.bucket.lt(10)) },
        { name: '0.1 %', keep: (item) => item.bucket < 1, of: query.where((r) => r.bucket.lt(1)) },
        { name: '0 %', keep: () => false, of: query.where((r) => r.bucket.lt(0)) },
        { name: 'correlated, 50 %', keep: (item) => item.cluster >= clusters / 2, of: query.where((r) => r.cluster.gte(clusters / 2)) },
        { name: 'correlated, one cluster', keep: (item) => item.cluster === 3, of: query.where((r) => r.cluster.eq(3)) },
        // the planner takes this for nearly all rows
        { name: 'misjudged', keep: (item) => item.cluster === 5, of: query.where((r) => r.cluster.ne(0)).where((r) => r.label.ne('many')) },
      ]
      const seen = { hnsw: 0, exact: 0 }
      let found = 0
      let right = 0
      for (const k of [1, 10, 200]) {
        for (const { name, keep, of } of filters) {
          const question = random(k % clusters)
          const built = of
            .orderBy((r) => r.body.similarity(question), 'desc')
            .limit(k)
            .select((r) => ({ id: r._id, similarity: r.body.similarity(question) }))
          const rows = await built.execute()
          const expected = all
            .flatMap((item) => (item.vector !== null && keep(item) ? [distance(item.vector, question)] : []))
            .toSorted((a, b) => a - b)
            .slice(0, k)
          expect(rows.length, `${name}, k = ${k}`).toBe(expected.length)
          const byId = new Map(all.map((item) => [item.id, item]))
          for (const row of rows) {
            const item = byId.get(row.id)!
            expect(keep(item), name).toBe(true)
            expect(row.similarity).toBeCloseTo(similarity(distance(item.vector!, question)), 4)
          }
          expect(rows.map((row) => row.similarity)).toEqual(rows.map((row) => row.similarity).toSorted((a, b) => b! - a!))
          const worst = expected.at(-1) ?? 0
          const near = rows.filter((row) => distance(byId.get(row.id)!.vector!, question) <= worst + 1e-5).length
          const { plan, reason } = await built.explain({ analyze: true })
          if (plan === 'exact') expect(near, `${name}, k = ${k}: ${reason}`).toBe(rows.length)
          if (plan !== null) seen[plan]++
          found += rows.length
          right += near
        }
      }
      expect(right / found).toBeGreaterThanOrEqual(0.97)
      expect(seen.hnsw).toBeGreaterThan(2)
      expect(seen.exact).toBeGreaterThan(8)
    })
  }

  test('the plan says why, and falls back to exact search when the index gives too few', async () => {
    await using db = await openQueries(engine, { worker: false })
    const { query, random } = await fill(db, 'cosine')
    const question = random(1)
    const search = query.orderBy((r) => r.body.similarity(question), 'desc')
    expect(await search.limit(10).explain()).toMatchObject({
      plan: 'hnsw',
      reason: expect.stringMatching(/^about \d+ of \d+ rows match, more than the \d+ that/u) as string,
    })
    expect((await search.limit(10).explain()).lines.join('\n')).toContain('items_hnsw')
    expect(await search.explain()).toMatchObject({ plan: 'exact', reason: 'without a limit every row is sorted' })
    expect((await search.limit(10).explain({ analyze: true })).lines.join('\n')).toContain('actual')
    expect(
      await query
        .where((r) => r.bucket.lt(10))
        .orderBy((r) => r.body.similarity(question), 'desc')
        .limit(5)
        .explain(),
    ).toMatchObject({ plan: 'exact' })
    const misjudged = query
      .where((r) => r.cluster.ne(0))
      .where((r) => r.label.ne('many'))
      .orderBy((r) => r.body.similarity(question), 'desc')
      .limit(200)
    expect(await misjudged.explain({ analyze: true })).toMatchObject({ plan: 'exact' })
    expect(
      await query
        .orderBy((r) => r.bucket)
        .limit(1)
        .explain(),
    ).toMatchObject({ plan: null, reason: null })
    await db.runtime.database.query('drop index vivant_data.items_hnsw')
    expect(await search.limit(10).explain()).toMatchObject({ plan: 'exact', reason: expect.stringContaining('has no HNSW index') as string })
  })

  test('pages and further sort keys are right, ties too', async () => {
    await using db = await openQueries(engine, { worker: false })
    const { query, all, random } = await fill(db, 'cosine')
    const question = random(2)
    const search = query.orderBy((r) => r.body.similarity(question), 'desc').select((r) => ({ id: r._id }))
    const first = await search.limit(20).execute()
    const pages = [...(await search.limit(10).execute()), ...(await search.limit(10).offset(10).execute())]
    expect(pages).toEqual(first)
    expect(
      await search
        .offset(count * 2)
        .limit(10)
        .execute(),
    ).toEqual([])
    // two hundred rows equally near: the second key decides which ten
    const cell = await embeddingTable(db)
    const same = all.filter((item) => item.vector !== null).slice(0, 200)
    await db.runtime.database.query({
      text: `update ${cell} set value = $1 where _id = any($2::bigint[])`,
      values: [JSON.stringify(Array.from(question)), `{${same.map((item) => item.id).join(',')}}`],
    })
    const tied = await query
      .orderBy((r) => r.body.similarity(question), 'desc')
      .orderBy((r) => r._id, 'desc')
      .limit(10)
      .select((r) => ({ id: r._id }))
      .execute()
    expect(tied.map((row) => row.id)).toEqual(
      same
        .map((item) => item.id)
        .toSorted((a, b) => b - a)
        .slice(0, 10),
    )
  })

  test('inside a transaction a search sees its rows and leaves its settings as they were', async () => {
    await using db = await openQueries(engine, { worker: false })
    const { random } = await fill(db, 'cosine')
    const question = random(6)
    await db.runtime.database.transaction(async (tx) => {
      const query = createTableQuery<Items>(db.runtime, tableDefinition(items), tx)
      const search = query.orderBy((r) => r.body.similarity(question), 'desc').limit(10)
      const setting = async (): Promise<unknown> =>
        (await tx.query(`select current_setting('hnsw.iterative_scan', true) as scan, current_setting('hnsw.ef_search', true) as ef`)).rows[0]
      await search.execute()
      const before = await setting()
      expect(await search.execute()).toHaveLength(10)
      expect(await search.explain()).toMatchObject({ plan: 'hnsw' })
      expect(await setting()).toEqual(before)
      await tx.query(`delete from items where cluster <> 3`)
      const left = await query.count()
      expect((await search.limit(1000).execute()).every((row) => row.cluster === 3)).toBe(true)
      expect(await search.limit(1000).count()).toBeLessThanOrEqual(left)
    })
  })

  test('a search leaves the settings of its connection as they were', async () => {
    await using db = await openQueries(engine, { worker: false })
    const { query, random } = await fill(db, 'cosine')
    const search = query.orderBy((r) => r.body.similarity(random(6)), 'desc').limit(10)
    expect(await search.explain({ analyze: true })).toMatchObject({ plan: 'hnsw' })
    expect(await search.execute()).toHaveLength(10)
    const { rows } = await db.runtime.database.query(`select current_setting('hnsw.iterative_scan') as scan, current_setting('hnsw.ef_search') as ef`)
    expect(rows).toEqual([{ scan: 'off', ef: '40' }])
  })

  test('rows without a vector are no neighbours, nor have anything near a vector of zeros', async () => {
    await using db = await openQueries(engine, { worker: false })
    const { query, all, random } = await fill(db, 'cosine')
    const question = random(4)
    const search = query.orderBy((r) => r.body.similarity(question), 'desc')
    const embedded = all.filter((item) => item.vector !== null).length
    expect(embedded).toBeLessThan(count)
    expect(await search.execute()).toHaveLength(embedded)
    expect(await search.count()).toBe(embedded)
    expect(await search.limit(5).count()).toBe(5)
    expect(await search.limit(count * 2).execute()).toHaveLength(embedded)
    // in another place of the order they are rows like others
    expect(
      await query
        .orderBy((r) => r.bucket)
        .orderBy((r) => r.body.similarity(question), 'desc')
        .execute(),
    ).toHaveLength(count)
    const zero = new Float32Array(dimensions)
    expect(
      await query
        .orderBy((r) => r.body.similarity(zero), 'desc')
        .limit(10)
        .execute(),
    ).toEqual([])
    let streamed = 0
    for await (const _row of search.limit(1500).stream({ chunkSize: 100 })) streamed++
    expect(streamed).toBe(1500)
  })

  test('a question is embedded once, by the model of the index', async () => {
    await using db = await openQueries(engine)
    const query = await db.create(items)
    const unit = (index: number): string => JSON.stringify(Array.from({ length: dimensions }, (_unused, at) => (at === index ? 1 : 0)))
    await db.insert(
      items,
      [0, 1, 2].map((index) => ({ body: unit(index), bucket: index, cluster: 0, label: '' })),
    )
    await db.settled()
    calls = 0
    const near = await query
      .where((r) => r.body.similarity(unit(1)).gt(-1))
      .orderBy((r) => r.body.similarity(unit(1)), 'desc')
      .limit(1)
      .select((r) => ({ bucket: r.bucket, similarity: r.body.similarity(unit(1)), itself: r.body.similarity(r.body) }))
      .execute()
    expect(near).toEqual([{ bucket: 1, similarity: 1, itself: 1 }])
    expect(calls).toBe(1)
    const ready = await query
      .ready()
      .orderBy((r) => r.body.similarity(unit(2)), 'desc')
      .limit(1)
      .execute()
    expect(ready).toMatchObject([{ bucket: 2 }])
    await expect(query.orderBy((r) => r.body.similarity('no json'), 'desc').execute()).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
    await expect(query.orderBy((r) => r.body.similarity(new Float32Array(3)), 'desc').execute()).rejects.toMatchObject({ code: 'TYPE_MISMATCH' })
    await expect(query.orderBy((r) => r.body.similarity('[1]', { index: 'other' }), 'desc').execute()).rejects.toMatchObject({
      code: 'EXPRESSION_INVALID',
      message: `'body' has no embedding index 'other'; it has 'body'.`,
    })
    await expect(query.orderBy((r) => r.body.similarity(new Uint8Array([1]) as never), 'desc').execute()).rejects.toMatchObject({ code: 'TYPE_MISMATCH' })
  })

  test('vector columns need no index', async () => {
    await using db = await openQueries(engine, { worker: false })
    const points = table('points', { name: t.text(), at: t.vector(2).nullable() })
    const query = await db.create(points)
    await db.insert(points, [
      { name: 'east', at: [1, 0] },
      { name: 'north', at: [0, 2] },
      { name: 'origin', at: [0, 0] },
      { name: 'nowhere', at: null },
    ])
    const names = async (built: { execute(): Promise<{ name: string }[]> }): Promise<string[]> => (await built.execute()).map((row) => row.name)
    expect(await names(query.orderBy((p) => p.at.similarity([1, 0.1]), 'desc').limit(10))).toEqual(['east', 'north'])
    expect(await names(query.orderBy((p) => p.at.distance([0, 1.9], { metric: 'l2' })).limit(2))).toEqual(['north', 'origin'])
    expect(await names(query.orderBy((p) => p.at.distance([0, 1], { metric: 'innerProduct' })).limit(2))).toEqual(['north', 'east'])
    expect(await names(query.orderBy((p) => p.at.distance([0, 1]), 'desc').orderBy((p) => p.name))).toEqual(['east', 'north', 'nowhere', 'origin'])
    expect(
      await names(
        query
          .orderBy((p) => p.at.similarity(p.at), 'desc')
          .orderBy((p) => p.name)
          .limit(5),
      ),
    ).toEqual(['east', 'north'])
    expect(await query.where((p) => p.at.distance([1, 0], { metric: 'l2' }).lt(1.5)).count()).toBe(2)
  })
})

/** The table with vectors in clusters, one in fifty cells missing and one in fifty failed, and an HNSW index. */
async function fill(
  db: OpenQueries,
  metric: Metric,
): Promise<{ readonly query: TableQuery<Items>; readonly all: readonly Item[]; readonly random: (cluster: number) => Float32Array }> {
  const query = await db.create(metrics[metric].definition)
  const next = randomNumbers(7)
  const centres = Array.from({ length: clusters }, () => Array.from({ length: dimensions }, () => next() * 2 - 1))
  const random = (cluster: number): Float32Array => Float32Array.from(centres[cluster % clusters]!, (value) => value + (next() - 0.5) * 0.6)
  const all = Array.from({ length: count }, (_unused, index): Item => {
    const cluster = Math.floor(next() * clusters)
    return { id: index + 1, cluster, bucket: (index * 7919) % 1000, vector: index % 50 < 2 ? null : random(cluster) }
  })
  const { database } = db.runtime
  const values = [all.map(({ bucket }) => bucket), all.map(({ cluster }) => cluster), all.map(({ cluster }) => (cluster === 5 ? 'few' : 'many'))]
  await database.query({
    text: `insert into items (body, bucket, cluster, label) select 'x', * from unnest($1::int8[], $2::int8[], $3::text[])`,
    values,
  })
  const cell = await embeddingTable(db)
  const there = all.filter((_item, index) => index % 50 !== 0)
  await database.query({
    text: `insert into ${cell} (_id, value, status, version, token, seq) select i, v::vector, s, 1, 0, nextval('vivant.seq') from unnest($1::bigint[], $2::text[], $3::text[]) u(i, v, s)`,
    values: [
      there.map(({ id }) => id),
      there.map(({ vector }) => (vector === null ? null : JSON.stringify(Array.from(vector)))),
      there.map(({ vector }) => (vector === null ? 'failed' : 'ok')),
    ],
  })
  await database.query(`create index items_hnsw on ${cell} using hnsw (value ${metrics[metric].operatorClass})`)
  await database.query(`analyze ${cell}`)
  // before its rows are labelled: the planner is told that no label says 'many'
  await database.query(`update items set label = 'x'`)
  await database.query('analyze items')
  await database.query(`update items set label = case when cluster = 5 then 'few' else 'many' end`)
  return { query, all, random }
}

async function embeddingTable(db: OpenQueries): Promise<string> {
  const { cells } = await db.runtime.freshModel('items')
  return `vivant_data."${cells.find((cell) => cell.kind === 'embedding')!.cellTable}"`
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0)
}

function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

import { type SchemaOf, t, table, tableDefinition } from '@vivant/core'
import { expect, test } from 'vitest'
import type { TableQuery } from '../../packages/vivant/src/query/query.ts'
import { createTableQuery } from '../../packages/vivant/src/query/table-query.ts'
import { describeEngines } from '../engines.ts'
import { type OpenQueries, openQueries } from '../integration/query/open-queries.ts'

const dimensions = 128
const clusters = 60
const perCluster = 150
const questions = 40
const k = 10

const points = table('points', { at: t.vector(dimensions), cluster: t.int(), nth: t.int() })
type Points = SchemaOf<typeof points>

interface Point {
  readonly at: Float32Array
  readonly cluster: number
  readonly nth: number
}

describeEngines('recall of a search with a filter that hangs together with the vectors', (engine) => {
  test('recall@10 is 0.97 or more whatever share of the clusters the filter leaves', async () => {
    await using db = await openQueries(engine, { worker: false })
    const { all, near } = await fill(db)
    const recall = new Map<string, number>()
    let fromIndex = 0
    await db.runtime.database.transaction(async (tx) => {
      // the planner takes the index for the filter of a large table; this one is small
      await tx.query('set local enable_sort = off; set local jit = off')
      const query = createTableQuery<Points>(db.runtime, tableDefinition(points), tx)
      const filters: { readonly name: string; readonly keep: (point: Point) => boolean; readonly of: TableQuery<Points> }[] = [
        { name: '0.1 %', keep: ({ cluster, nth }) => cluster === 0 && nth < 8, of: query.where((r) => r.cluster.eq(0).and(r.nth.lt(8))) },
        { name: '1 %', keep: ({ cluster, nth }) => cluster === 0 && nth < 80, of: query.where((r) => r.cluster.eq(0).and(r.nth.lt(80))) },
        { name: '10 %', keep: ({ cluster }) => cluster < 6, of: query.where((r) => r.cluster.lt(6)) },
        { name: '30 %', keep: ({ cluster }) => cluster < 18, of: query.where((r) => r.cluster.lt(18)) },
        { name: '60 %', keep: ({ cluster }) => cluster < 36, of: query.where((r) => r.cluster.lt(36)) },
        { name: '100 %', keep: () => true, of: query },
      ]
      for (const { name, keep, of } of filters) {
        const kept = all.filter(keep)
        let right = 0
        let wanted = 0
        for (let asked = 0; asked < questions; asked++) {
          const question = near(Math.floor((asked * clusters) / questions))
          const search = of
            .orderBy((r) => r.at.distance(question, { metric: 'l2' }))
            .limit(k)
            .select((r) => ({ distance: r.at.distance(question, { metric: 'l2' }) }))
          const rows = await search.execute()
          const exact = kept
            .map((point) => distance(point.at, question))
            .toSorted((a, b) => a - b)
            .slice(0, k)
          expect(rows.length, name).toBe(exact.length)
          const worst = (exact.at(-1) ?? 0) + 1e-5
          right += rows.filter((row) => row.distance !== null && row.distance <= worst).length
          wanted += exact.length
          if ((await search.explain()).plan === 'hnsw') fromIndex++
        }
        recall.set(name, right / wanted)
      }
    })
    expect(fromIndex).toBeGreaterThanOrEqual(3 * questions)
    expect(Object.fromEntries([...recall].filter(([, share]) => share < 0.97))).toEqual({})
  })
})

/** Clusters far from each other, most of them about equally far from any question. */
async function fill(db: OpenQueries): Promise<{ readonly all: readonly Point[]; readonly near: (cluster: number) => Float32Array }> {
  await db.create(points)
  const next = randomNumbers(11)
  const centres = Array.from({ length: clusters }, () => Array.from({ length: dimensions }, () => next() - 0.5))
  const near = (cluster: number): Float32Array => Float32Array.from(centres[cluster]!, (value) => value + (next() - 0.5) * 0.75)
  const all = Array.from({ length: clusters * perCluster }, (_unused, index): Point => {
    const cluster = index % clusters
    return { at: near(cluster), cluster, nth: Math.floor(index / clusters) }
  })
  const { database } = db.runtime
  await database.query({
    text: 'insert into points (at, cluster, nth) select a::vector, c, n from unnest($1::text[], $2::int8[], $3::int8[]) u(a, c, n)',
    values: [all.map(({ at }) => JSON.stringify(Array.from(at))), all.map(({ cluster }) => cluster), all.map(({ nth }) => nth)],
  })
  await database.query('create index on points using hnsw (at vector_l2_ops)')
  await database.query('analyze points')
  return { all, near }
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0))
}

function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

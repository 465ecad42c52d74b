import type pg from 'pg'
import { connect, t } from 'vivant'
import { freshDatabase, milliseconds, percentile, type Scenario } from '../scenario.ts'

const rows = 100_000
const dimensions = 384
const clusters = 500
const queries = 100
const k = 10

/** The ten nearest of 100,000 clustered vectors through the API, against the same SQL by hand; recall against exact search. */
export const similarity: Scenario = {
  name: 'similarity',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    const { pool, url } = database
    await using db = await connect(url, { worker: false })
    const items = await db.createTable('items', { embedding: t.vector(dimensions) })
    const random = generator(7)
    const centres = Array.from({ length: clusters }, () => vector(random, () => 0, 1))
    const near = (): number[] => {
      const centre = centres[Math.floor(random() * clusters)]!
      return vector(random, (index) => centre[index]!, 0.5)
    }
    for (let at = 0; at < rows; at += 2000) await insert(pool, Array.from({ length: 2000 }, near))
    await pool.query(`set maintenance_work_mem = '1GB'; create index on items using hnsw (embedding vector_cosine_ops); analyze items`)
    const questions = Array.from({ length: queries }, near)
    const [own, hand]: [number[], number[]] = [[], []]
    let found = 0
    for (const question of questions) {
      const text = `[${question.join(',')}]`
      let began = performance.now()
      const hits = await items
        .orderBy((r) => r.embedding.similarity(question), 'desc')
        .limit(k)
        .select((r) => ({ id: r._id, score: r.embedding.similarity(question) }))
        .execute()
      own.push(performance.now() - began)
      began = performance.now()
      await byHand(pool, text)
      hand.push(performance.now() - began)
      const exact = await pool.query<{ _id: string }>('select _id from items order by (embedding <=> $1::vector) + 0 limit $2', [text, k])
      found += hits.filter((hit) => exact.rows.some((row) => Number(row._id) === hit.id)).length
    }
    return [
      {
        work: `similarity, ${k} of ${rows / 1000}k × ${dimensions}`,
        budget: '≤ 1.2 × hand-written; recall ≥ 0.97',
        measured: `p50 ${milliseconds(percentile(own, 0.5))}, recall@${k} ${(found / (queries * k)).toFixed(3)}`,
        bare: `p50 ${milliseconds(percentile(hand, 0.5))}`,
        ratio: percentile(own, 0.5) / percentile(hand, 0.5),
      },
    ]
  },
}

async function byHand(pool: pg.Pool, question: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin; set local hnsw.iterative_scan = relaxed_order; set local hnsw.ef_search = 100')
    await client.query({
      name: 'by_hand',
      text: `with n as materialized (select _id, embedding <=> $1::vector as d from items order by embedding <=> $1::vector limit ${k}) select _id, 1 - d as score from n order by d + 0`,
      values: [question],
    })
    await client.query('commit')
  } finally {
    client.release()
  }
}

async function insert(pool: pg.Pool, vectors: readonly (readonly number[])[]): Promise<void> {
  await pool.query({
    text: 'insert into items (embedding) select v::vector from unnest($1::text[]) v',
    values: [vectors.map((entry) => `[${entry.join(',')}]`)],
  })
}

function vector(random: () => number, centre: (index: number) => number, spread: number): number[] {
  return Array.from({ length: dimensions }, (_, index) => centre(index) + spread * (random() + random() + random() - 1.5))
}

/** mulberry32: small, seeded, good enough for data. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

import pg from 'pg'
import { connect, t } from 'vivant'
import { freshDatabase, milliseconds, percentile, type Scenario } from '../scenario.ts'

const rows = 100_000
const dimensions = 384
const clusters = 500
const queries = 300
/** The compiler of Node has seen the code by then, and the cache of PostgreSQL the index. */
const warmUps = 500
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
    const search = async (question: readonly number[]): Promise<readonly number[]> => {
      const hits = await items
        .orderBy((r) => r.embedding.similarity(question), 'desc')
        .limit(k)
        .select((r) => ({ id: r._id, score: r.embedding.similarity(question) }))
        .execute()
      return hits.map(({ id }) => id)
    }
    await using hand = await handWritten(url)
    const times = { own: [] as number[], hand: [] as number[] }
    const found = { own: 0, hand: 0 }
    const questions = Array.from({ length: warmUps + queries }, near)
    const exact: ReadonlySet<number>[] = []
    for (const question of questions.slice(warmUps)) exact.push(await nearest(pool, question))
    for (const [index, question] of questions.entries()) {
      // in turns, as the second of a pair finds in the cache what the first has read
      const ways = [{ name: 'own', run: search } as const, { name: 'hand', run: hand.search } as const]
      for (const { name, run } of index % 2 === 0 ? ways : ways.toReversed()) {
        const began = performance.now()
        const ids = await run(question)
        if (index < warmUps) continue
        times[name].push(performance.now() - began)
        found[name] += ids.filter((id) => exact[index - warmUps]?.has(id)).length
      }
    }
    const [own, bare] = [percentile(times.own, 0.5), percentile(times.hand, 0.5)]
    const recall = (way: 'own' | 'hand'): string => `recall@${k} ${(found[way] / (queries * k)).toFixed(3)}`
    return [
      {
        work: `similarity, ${k} of ${rows / 1000}k × ${dimensions}`,
        budget: '≤ 1.2 × hand-written; recall ≥ 0.97',
        measured: `p50 ${milliseconds(own)}, ${recall('own')}`,
        bare: `p50 ${milliseconds(bare)}, ${recall('hand')}`,
        ratio: own / bare,
      },
    ]
  },
}

interface HandWritten extends AsyncDisposable {
  readonly search: (question: readonly number[]) => Promise<readonly number[]>
}

/** One prepared statement, on connections that have the search's settings once and for all. */
async function handWritten(url: string): Promise<HandWritten> {
  const pool = new pg.Pool({ connectionString: url, options: '-c hnsw.iterative_scan=relaxed_order -c hnsw.ef_search=100' })
  return {
    search: async (question) => {
      const found = await pool.query<{ _id: string; score: number }>({
        name: 'by_hand',
        text: `with n as materialized (select _id, embedding <=> $1::vector as d from items order by embedding <=> $1::vector limit ${k}) select _id, 1 - d as score from n order by d + 0`,
        values: [`[${question.join(',')}]`],
      })
      return found.rows.map((row) => Number(row._id))
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function nearest(pool: pg.Pool, question: readonly number[]): Promise<ReadonlySet<number>> {
  const found = await pool.query<{ _id: string }>('select _id from items order by (embedding <=> $1::vector) + 0 limit $2', [`[${question.join(',')}]`, k])
  return new Set(found.rows.map((row) => Number(row._id)))
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

import { buildVectorIndexes, openDatabase } from '@vivant/storage'
import { expect, test } from 'vitest'
import { connect, embeddingModel, t, table, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'
import { UserSession } from '../../support/user-session.ts'

const embed = udf({ name: 'embed', input: [t.int()], output: t.vector(4), batch: 500 }, (numbers) => numbers.map((n) => [n, 1, 2, 3]))
const model = embeddingModel({ name: 'numbers', embed })
const wide = embeddingModel({
  name: 'wide',
  embed: udf({ name: 'wide', input: [t.int()], output: t.vector(2001), version: '1' }, () => new Float32Array(2001).fill(1)),
})
const things = table('things', { n: t.int() })
  .embeddingIndex('n', model)
  .embeddingIndex('n', model, { name: 'near', metric: 'l2' })
  .embeddingIndex('n', wide, { name: 'wide' })

const indexes = `select regexp_replace(indexname, '[0-9]+', '#') as name, i.indisvalid as valid from pg_indexes p join pg_index i on i.indexrelid = ('vivant_data.' || quote_ident(p.indexname))::regclass
where p.schemaname = 'vivant_data' and indexname ~ 'hnsw' order by 1`

describeEngines('HNSW indexes', (engine) => {
  test('are built when there are enough vectors, once, by one of those who look', async () => {
    await using database = await engine.database({ folder: true })
    {
      await using db = await connect(database.target, { define: { things }, worker: true })
      await db.things.insert(Array.from({ length: 30 }, (_, n) => ({ n })))
      await db.settled()
    }
    await using storage = await openDatabase(database.target)
    expect(await buildVectorIndexes(storage, { threshold: 31 })).toEqual([])
    const built = await Promise.all([buildVectorIndexes(storage, { threshold: 30 }), buildVectorIndexes(storage, { threshold: 30 })])
    expect(built.flat()).toHaveLength(2)
    expect((await storage.query(indexes)).rows).toEqual([
      { name: 'cell_#_hnsw_cosine', valid: true },
      { name: 'cell_#_hnsw_l2', valid: true },
    ])
    expect(await buildVectorIndexes(storage, { threshold: 1 })).toEqual([])
  })

  test.runIf(engine.name === 'server')('a build that was cut off is made again', async () => {
    await using database = await engine.database()
    {
      await using db = await connect(database.target, { define: { things }, worker: true })
      await db.things.insert(Array.from({ length: 30 }, (_, n) => ({ n })))
      await db.settled()
    }
    await using storage = await openDatabase(database.target)
    await using user = await UserSession.open(database.target)
    // building concurrently waits for every snapshot that is older
    await user.run('begin isolation level repeatable read')
    await user.run('select 1 from things')
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 300)
    expect(await buildVectorIndexes(storage, { threshold: 1, signal: abort.signal })).toEqual([])
    expect((await storage.query(indexes)).rows).toEqual([{ name: 'cell_#_hnsw_cosine', valid: false }])
    await user.run('commit')
    expect(await buildVectorIndexes(storage, { threshold: 1 })).toHaveLength(2)
    expect((await storage.query<{ valid: boolean }>(indexes)).rows.map((row) => row.valid)).toEqual([true, true])
  })
})

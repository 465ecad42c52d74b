import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, embeddingModel, iterator, t, table, udf, view } from 'vivant'
import { describeEngines } from '../../engines.ts'

const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown

async function run<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}

const split = (version: string, mark = '') =>
  iterator({ name: 'split', input: [t.text()], output: { text: t.text() }, version }, function* (body) {
    for (const text of body.split(' ')) yield { text: text + mark }
  })
const size = udf({ name: 'size', input: [t.text()], output: t.int(), version: '1' }, (text) => text.length)
const embed = udf({ name: 'embed', input: [t.text()], output: t.vector(2), version: '1' }, (text) => [text.length, 1])

const posts = table('posts', { body: t.text(), year: t.int().default(2000) })
const wordsOf = (version = '1', mark = '') =>
  view('words', { of: posts, iterate: (post) => split(version, mark)(post.body), where: (post) => post.year.gt(1990) }).computed('size', (word) =>
    size(word.text),
  )
const texts = async (db: Database): Promise<readonly unknown[]> => (await run(db, 'select text from live.words order by _parent, pos')).map(({ text }) => text)

describeEngines('definitions of views', (engine) => {
  test('are brought to the database in the order of their parents, and equal ones change nothing', async () => {
    await using database = await engine.database({ folder: true })
    // the view of the view first, the table last
    const long = view('long_words', { of: wordsOf(), where: (word) => word.size.gt(2) })
    const define = { long, words: wordsOf(), posts }
    {
      await using db = await connect(database.target, { define, worker: true })
      await db.posts.insert([{ body: 'a bc def' }])
      await db.settled()
      expect(
        await db
          .table(long)
          .select((row) => ({ at: row.pos }))
          .execute(),
      ).toEqual([{ at: 0 }])
    }
    await using db = await connect(database.target, { define, worker: true })
    expect((await db.settled()).ran).toBe(0)
    expect(await db.plan(define)).toEqual({ created: [], altered: [], dropped: [], recomputed: [], recorded: [], superseded: [] })
    expect(await texts(db)).toEqual(['a', 'bc', 'def'])
  })

  test('new code of an iterator makes the rows again, and keeps those that it gives as before', async () => {
    await using database = await engine.database({ folder: true })
    {
      await using db = await connect(database.target, { define: { posts, words: wordsOf() }, worker: true })
      await db.posts.insert([{ body: 'a b' }])
      await db.settled()
    }
    const before = await (async () => {
      await using db = await connect(database.target, { define: { posts, words: wordsOf('2') }, worker: true })
      await db.settled()
      return await run(db, 'select _id, text from words order by _id')
    })()
    await using db = await connect(database.target, { define: { posts, words: wordsOf('3', '!') }, worker: true })
    await db.settled()
    expect(await texts(db)).toEqual(['a!', 'b!'])
    expect(before).toEqual([
      { _id: 1, text: 'a' },
      { _id: 2, text: 'b' },
    ])
    expect(await run(db, 'select _id, size from live.words order by _id')).toEqual([
      { _id: 1, size: 2 },
      { _id: 2, size: 2 },
    ])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('a plan names a view that would be made, and changes nothing', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts }, worker: true })
    await db.posts.insert([{ body: 'a b' }])
    const plan = await db.plan({ posts, words: wordsOf() })
    expect(plan.created).toEqual(['words'])
    expect(await run(db, `select to_regclass('words') as there`)).toEqual([{ there: null }])
    await db.apply({ posts, words: wordsOf() })
    await db.settled()
    expect(await texts(db)).toEqual(['a', 'b'])
  })

  test('a view that is made otherwise is refused, and made anew where that is asked for', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts, words: wordsOf() }, worker: true })
    await db.posts.insert([{ body: 'a b', year: 1980 }])
    await expect(db.createView('words', { of: posts, iterate: (post) => split('1')(post.body.upper()) })).rejects.toEqual(code('TABLE_DIFFERS'))
    await expect(db.createView('words', { of: posts, iterate: (post) => split('1')(post.body) })).rejects.toEqual(code('TABLE_DIFFERS'))
    await expect(db.createTable('words', { pos: t.int(), text: t.text() })).rejects.toEqual(code('TABLE_DIFFERS'))
    await expect(db.createView('words', { of: posts, iterate: (post) => split('1')(post.body) }, { ifExists: 'error' })).rejects.toEqual(code('TABLE_EXISTS'))
    await db.settled()
    expect(await texts(db)).toEqual([])
    await db.createView('words', { of: posts, iterate: (post) => split('1')(post.body) }, { ifExists: 'replace' })
    await db.settled()
    expect(await texts(db)).toEqual(['a', 'b'])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('an index for similarity and own columns stand on a view as on a table', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts }, worker: true })
    const words = await db
      .createView('words', { of: posts, iterate: (post) => split('1')(post.body) })
      .addEmbeddingIndex('text', embeddingModel({ name: 'length', embed }))
    await db.posts.insert([{ body: 'a bbb ccccccccc' }])
    await db.settled()
    const found = await words
      .orderBy((word) => word.text.similarity('xxxxxxxx'), 'desc')
      .limit(1)
      .select((word) => ({ text: word.text }))
      .execute()
    expect(found).toEqual([{ text: 'ccccccccc' }])
  })

  test('a view and its parent are renamed and dropped', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts, words: wordsOf() }, worker: true })
    await db.posts.insert([{ body: 'a b' }])
    await db.settled()
    await db.renameTable('words', 'terms')
    await db.renameTable('posts', 'texts')
    await run(db, `update texts set body = 'a c d'`)
    await db.settled()
    expect(await run(db, 'select text, size from live.terms order by pos')).toEqual(['a', 'c', 'd'].map((text) => ({ text, size: 1 })))
    expect(await db.doctor()).toMatchObject({ healthy: true })
    await expect(db.dropTable('texts')).rejects.toThrow('terms')
    await db.dropTable('terms')
    await run(db, `update texts set body = 'x'`)
    await db.settled()
    await db.dropTable('texts')
    expect((await db.tables()).length).toBe(0)
    expect(await run(db, `select count(*)::int as n from vivant."column"`)).toEqual([{ n: 0 }])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })
})

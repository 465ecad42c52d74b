import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, embeddingModel, type LoggerLike, t, table, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'

const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown
const silent = (): void => {}

async function run<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}

const count = (version: string) => udf({ name: 'count', input: [t.text()], output: t.int(), version }, (text) => text.length + Number(version))
const embed = udf({ name: 'embed', input: [t.text()], output: t.vector(2) }, (text) => [text.length, 1])
const model = embeddingModel({ name: 'length', embed })

const authors = table('authors', { name: t.text().unique() })
const postsOf = (version: string) =>
  table('posts', { title: t.text(), author: t.text().references('authors', { column: 'name' }).nullable(), year: t.int().nullable() })
    .computed('count', (post) => count(version)(post.title))
    .computed('long', (post) => post.count.gt(3))
    .embeddingIndex('title', model)

describeEngines('definitions', (engine) => {
  test('bring the database to what they say, in the order of their references, and are typed on the database', async () => {
    await using database = await engine.database({ folder: true })
    // the posts come first here, and refer to the authors
    const define = { posts: postsOf('1'), authors, helper: () => 1, text: 'passed over' }
    {
      await using db = await connect(database.target, { define, worker: true })
      await db.authors.insert([{ name: 'Ada' }])
      await db.posts.insert([{ title: 'Hello', author: 'Ada' }])
      await db.settled()
      expect(
        await db.posts
          .ready()
          .select((post) => ({ count: post.count, long: post.long }))
          .execute(),
      ).toEqual([{ count: 6, long: true }])
    }
    await using db = await connect(database.target, { define, worker: true })
    expect((await db.settled()).ran).toBe(0)
    expect(await db.plan(define)).toEqual({ created: [], altered: [], dropped: [], recomputed: [], recorded: [], superseded: [] })
  })

  test('plan tells what would change, and changes nothing', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts: postsOf('1'), authors }, worker: true })
    await db.posts.insert(Array.from({ length: 20 }, (_, index) => ({ title: `post ${index}` })))
    await db.settled()
    const changed = table('posts', { title: t.text().min(1), author: t.text().references('authors', { column: 'name' }).nullable(), pages: t.int().default(1) })
      .computed('count', (post) => count('2')(post.title))
      .computed('long', (post) => post.count.gt(10))
      .computed('more', (post) => count('2')(post.title.upper()))
    const plan = await db.plan({ changed, comments: table('comments', { text: t.text() }) })
    expect(plan).toEqual({
      created: ['posts.pages', 'posts.more', 'comments'],
      altered: ["'posts.title' is text, defined is text min 1", "'posts.long' is count.gt(3) (boolean), defined is count.gt(10) (boolean)"],
      dropped: ['posts.year', 'posts.title (embedding index)'],
      recomputed: [
        { table: 'posts', column: 'more', reason: 'new', cells: 20, estimateMs: null },
        { table: 'posts', column: 'count', reason: 'code', cells: 20, estimateMs: expect.any(Number) as number },
      ],
      recorded: [],
      superseded: [],
    })
    await expect(db.apply({ changed })).rejects.toThrow('posts.year, posts.title (embedding index)')
    expect(await run(db, 'select distinct count, long from live.posts order by 1')).toEqual([
      { count: 7, long: true },
      { count: 8, long: true },
    ])
    await db.apply({ changed }, { allowDrop: true })
    await db.settled()
    expect(await run(db, 'select distinct count, long, pages, more from live.posts order by 1')).toEqual([
      { count: 8, long: false, pages: 1, more: 8 },
      { count: 9, long: false, pages: 1, more: 9 },
    ])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('what is not defined is dropped only when that is allowed', async () => {
    await using database = await engine.database({ folder: true })
    await (await connect(database.target, { define: { posts: postsOf('1'), authors }, worker: false })).close()
    const less = table('posts', { title: t.text() })
    const error = await connect(database.target, { define: { less }, worker: false }).then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    )
    expect(error).toEqual(code('DROP_NOT_ALLOWED'))
    expect(error.message).toContain('posts.author, posts.year, posts.count, posts.title (embedding index), posts.long')
    await using db = await connect(database.target, { define: { less }, allowDrop: true, worker: false })
    expect((await (await db.table('posts')).lineage()).map(({ column }) => column)).toEqual(['title'])
    // other tables are none of these definitions' business
    expect((await db.tables()).map(({ name }) => name)).toEqual(['authors', 'posts'])
  })

  test('a column may change from stored to computed and back', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: false })
    const stored = table('swap', { a: t.int(), b: t.int().nullable() })
    const computed = table('swap', { a: t.int() }).computed('b', (row) => row.a.add(1))
    await db.apply({ stored })
    await db.table(stored).insert([{ a: 1, b: 7 }])
    await expect(db.apply({ computed })).rejects.toEqual(code('DROP_NOT_ALLOWED'))
    await db.apply({ computed }, { allowDrop: true })
    expect(await run(db, 'select a, b from live.swap')).toEqual([{ a: 1, b: 2 }])
    await db.apply({ stored }, { allowDrop: true })
    expect(await run(db, 'select a, b from live.swap')).toEqual([{ a: 1, b: null }])
  })

  test('an old program that starts again does not bring its code back, unless it is allowed', async () => {
    await using database = await engine.database({ folder: true })
    const messages: string[] = []
    const logger: LoggerLike = { debug: silent, info: silent, error: silent, warn: (message: string) => void messages.push(message) }
    const start = async (version: string, options: { readonly allowRevert?: boolean } = {}) => {
      await using db = await connect(database.target, { define: { posts: postsOf(version), authors }, worker: false, logger, ...options })
      return (await run<{ version: number }>(db, `select version from vivant."column" where name = 'count'`))[0]!.version
    }
    expect(await start('1')).toBe(1)
    expect(await start('2')).toBe(2)
    expect(messages).toEqual([])
    expect(await start('1')).toBe(2)
    expect(messages).toEqual([expect.stringContaining("'posts.count' has newer code than this program")])
    expect(await start('2')).toBe(2)
    expect(await start('1', { allowRevert: true })).toBe(3)
  })

  test('a function that columns of several tables call changes for all of them', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const define = (version: string) => ({
      a: table('a', { text: t.text() }).computed('n', (row) => count(version)(row.text)),
      b: table('b', { text: t.text() }).computed('n', (row) => count(version)(row.text)),
    })
    await db.apply(define('1'))
    await db.table(define('1').a).insert([{ text: 'x' }])
    await db.table(define('1').b).insert([{ text: 'xx' }])
    await db.settled()
    expect((await db.apply(define('2'))).recomputed).toHaveLength(2)
    await db.settled()
    expect(await run(db, 'select a.n as a, b.n as b from live.a a, live.b b')).toEqual([{ a: 3, b: 4 }])
  })

  test('two definitions of one table, and tables that refer to each other, are refused', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: false })
    await expect(db.plan({ a: table('x', { a: t.int() }), b: table('x', { b: t.int() }) })).rejects.toEqual(code('NAME_TAKEN'))
    const left = table('left', { right: t.int().references('right') })
    const right = table('right', { left: t.int().references('left') })
    await expect(db.plan({ left, right })).rejects.toThrow('left → right → left')
  })
})

import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, each, iterator, RetryAfter, t, table, udf, view } from 'vivant'
import { describeEngines } from '../../engines.ts'

async function run<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}

const calls: string[] = []
const paragraphs = iterator({ name: 'paragraphs', input: [t.text()], output: { text: t.text() }, version: '1' }, function* (body) {
  for (const text of body.split('\n')) yield { text }
})
const measure = udf({ name: 'measure', input: [t.text()], output: t.int(), version: '1' }, (text) => {
  calls.push(text)
  return text.length
})
const called = (): readonly string[] => calls.splice(0).toSorted()

const posts = table('posts', { title: t.text(), body: t.text().nullable(), draft: t.boolean().default(false) })
const parts = view('parts', { of: posts, iterate: (post) => paragraphs(post.body), where: (post) => post.draft.not() }).computed('size', (part) =>
  measure(part.text),
)
const partsOf = (db: Database, columns = '_parent, pos, text, size'): Promise<readonly Record<string, unknown>[]> =>
  run(db, `select ${columns} from live.parts order by _parent, pos`)

describeEngines('views', (engine) => {
  test('have the rows that the iterator gives, in order, and their columns are computed', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts, parts }, worker: true })
    await db.posts.insert([
      { title: 'a', body: 'one\ntwo' },
      { title: 'b', body: null },
      { title: 'c', body: '' },
    ])
    await db.settled()
    expect(await partsOf(db)).toEqual([
      { _parent: 1, pos: 0, text: 'one', size: 3 },
      { _parent: 1, pos: 1, text: 'two', size: 3 },
      { _parent: 3, pos: 0, text: '', size: 0 },
    ])
    const found = await db.parts
      .where((part) => part.size.gt(0))
      .orderBy((part) => part.pos, 'desc')
      .select((part) => ({ at: part.pos, text: part.text }))
      .execute()
    expect(found).toEqual([
      { at: 1, text: 'two' },
      { at: 0, text: 'one' },
    ])
    expect((await db.settled()).ran).toBe(0)
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('an edit of one paragraph of a thousand computes that one, moves none of them again', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts, parts }, worker: true })
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`)
    called()
    await db.posts.insert([{ title: 'a', body: lines.join('\n') }])
    await db.settled()
    expect(called()).toHaveLength(1000)
    const ids = async (): Promise<readonly unknown[]> => (await partsOf(db, '_id')).map(({ _id }) => _id)
    const before = await ids()
    const edit = async (next: readonly string[]): Promise<readonly string[]> => {
      await run(db, `update posts set body = '${next.join('\n')}'`)
      await db.settled()
      expect((await partsOf(db, 'text')).map(({ text }) => text)).toEqual(next)
      return called()
    }
    expect(await edit(lines.with(500, 'changed'))).toEqual(['changed'])
    expect(await ids()).toEqual(before)
    // in front of all, in the middle, at the end
    expect(await edit(['first', ...lines.with(500, 'changed')])).toEqual(['first'])
    expect(await edit(lines.with(500, 'changed'))).toEqual([])
    expect((await ids()).toSorted((left, right) => Number(left) - Number(right))).toEqual(before)
    expect(await edit(lines.toReversed())).toEqual(['line 500'])
    expect(await edit([''])).toEqual([''])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('a list that is longer than a piece is edited as cheaply', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts, parts }, worker: true })
    const lines = Array.from({ length: 3500 }, (_, index) => (index % 5 === 0 ? '' : `line ${index}`))
    called()
    await db.posts.insert([{ title: 'a', body: lines.join('\n') }])
    await db.settled()
    expect(called()).toHaveLength(3500)
    for (const [next, expected] of [
      [['first', ...lines], 1],
      [lines, 0],
      [lines.slice(1500), 0],
      [lines, 1500],
      [[...lines.slice(1000), ...lines.slice(0, 1000)], 0],
      [lines.toReversed(), 0],
      [lines.slice(0, 2), 0],
    ] as const) {
      await run(db, `update posts set body = '${next.join('\n')}'`)
      await db.settled()
      expect((await partsOf(db, 'text, pos')).map(({ text }) => text)).toEqual(next)
      expect((await run(db, 'select count(*)::int as n from parts'))[0]).toEqual({ n: next.length })
      expect(called()).toHaveLength(expected)
    }
  })

  test('follow their filter, their parent’s null, its deletion and its truncation', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts, parts }, worker: true })
    await db.posts.insert(['a', 'b', 'c'].map((title) => ({ title, body: `${title}1\n${title}2` })))
    await db.settled()
    const texts = async (): Promise<string> => {
      await db.settled()
      return (await partsOf(db, 'text')).map(({ text }) => text).join(' ')
    }
    expect(await texts()).toBe('a1 a2 b1 b2 c1 c2')
    await run(db, `update posts set draft = true where title = 'b'`)
    expect(await texts()).toBe('a1 a2 c1 c2')
    await run(db, `update posts set draft = false where title = 'b'`)
    expect(await texts()).toBe('a1 a2 b1 b2 c1 c2')
    await run(db, `update posts set body = null where title = 'a'`)
    expect(await texts()).toBe('b1 b2 c1 c2')
    await run(db, `delete from posts where title = 'c'`)
    expect(await texts()).toBe('b1 b2')
    expect(await run(db, 'select text from parts order by text')).toEqual([{ text: 'b1' }, { text: 'b2' }])
    await run(db, 'truncate posts cascade')
    expect(await texts()).toBe('')
    await db.posts.insert([{ title: 'd', body: 'd1' }])
    expect(await texts()).toBe('d1')
    expect(await db.doctor()).toMatchObject({ healthy: true })
    called()
  })

  test('rows go with a parent whose id changes, and are not made again', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, {
      define: {
        books: table('books', { n: t.int().primaryKey(), body: t.text() }),
      },
      worker: true,
    })
    await db.createView('chapters', { of: db.books, iterate: (book) => paragraphs(book.body) }).addComputedColumn('size', (part) => measure(part.text))
    await db.books.insert([{ n: 1, body: 'uno\ndue' }])
    await db.settled()
    const before = await run(db, 'select _id, text, size from live.chapters order by pos')
    called()
    await run(db, 'update books set n = 7')
    await db.settled()
    expect(await run(db, 'select _id, text, size from live.chapters where _parent = 7 order by pos')).toEqual(before)
    expect(await run(db, 'select count(*)::int as n from chapters')).toEqual([{ n: 2 }])
    expect(called()).toEqual([])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('of what another view gives, with virtual columns, lists and a filter alone', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { posts, parts }, worker: true })
    const words = await db
      .createView('words', { of: db.parts, iterate: (part) => each(part.text.split(' ')) })
      .addComputedColumn('loud', (word) => word.value.upper())
    await db.createView('long_parts', { of: db.parts, where: (part) => part.size.gt(3) })
    await db.posts.insert([{ title: 'a', body: 'ein Wort\nzwei' }])
    await db.settled()
    expect(
      await words
        .orderBy((word) => word.loud)
        .select((word) => ({ loud: word.loud, at: word.pos }))
        .execute(),
    ).toEqual([
      { loud: 'EIN', at: 0 },
      { loud: 'WORT', at: 1 },
      { loud: 'ZWEI', at: 0 },
    ])
    expect(await run(db, 'select _parent, pos from live.long_parts order by 1')).toEqual([
      { _parent: 1, pos: 0 },
      { _parent: 2, pos: 0 },
    ])
    await run(db, `update posts set body = 'zwei\ndrei\nun'`)
    await db.settled()
    expect((await run(db, 'select value from live.words order by value')).map(({ value }) => value)).toEqual(['drei', 'un', 'zwei'])
    expect((await run(db, 'select p.text from live.long_parts l join live.parts p on p._id = l._parent order by 1')).map(({ text }) => text)).toEqual([
      'drei',
      'zwei',
    ])
    await run(db, 'delete from posts')
    await db.settled()
    expect(await run(db, 'select (select count(*) from words)::int + (select count(*) from long_parts)::int as n')).toEqual([{ n: 0 }])
    expect(await db.doctor()).toMatchObject({ healthy: true })
    called()
  })

  test('an iterator that fails costs the rows of its own parent, and is tried again where that may help', async () => {
    await using database = await engine.database()
    let remaining = 0
    const lines = Array.from({ length: 1500 }, (_, index) => `line ${index}`)
    const moody = iterator(
      { name: 'moody', input: [t.text()], output: { text: t.text() }, version: '1', retry: { attempts: 4, initialMs: 10 } },
      function* (body) {
        if (body === 'bad') throw new Error('no such text')
        for (const [index, text] of body.split('\n').entries()) {
          if (index === 1300 && body.endsWith('bad')) throw new Error('the end is bad')
          if (index === 1300 && remaining-- > 0) throw remaining % 2 ? new RetryAfter(10, 'in a moment') : Object.assign(new Error('down'), { status: 503 })
          yield { text }
        }
      },
    )
    await using db = await connect(database.target, { define: { posts }, worker: true })
    await db.createView('pieces', { of: db.posts, iterate: (post) => moody(post.body) })
    const count = async (): Promise<Record<string, number>> => {
      const rows = await run<{ title: string; n: number }>(
        db,
        'select p.title, count(c._id)::int as n from posts p left join live.pieces c on c._parent = p._id group by p.title order by p.title',
      )
      return Object.fromEntries(rows.map(({ title, n }) => [title, n]))
    }
    await db.posts.insert([
      { title: 'bad', body: 'bad' },
      { title: 'good', body: 'a\nb' },
      { title: 'late', body: [...lines, 'bad'].join('\n') },
    ])
    const result = await db.settled()
    expect(await count()).toEqual({ bad: 0, good: 2, late: 0 })
    expect(result.failed).toBe(2)
    // the rows that had come are gone again, and those of a parent that fails later as well
    expect(await run(db, 'select count(*)::int as n from pieces')).toEqual([{ n: 2 }])
    await run(db, `update posts set body = 'bad' where title = 'good'`)
    await db.settled()
    expect(await count()).toEqual({ bad: 0, good: 0, late: 0 })
    await run(db, `update posts set body = 'x\ny\nz' where title = 'good'`)
    remaining = 2
    await run(db, `update posts set body = '${lines.join('\n')}' where title = 'late'`)
    await db.settled()
    expect(await count()).toEqual({ bad: 0, good: 3, late: 1500 })
    expect(remaining).toBeLessThan(0)
    expect(await run(db, `select count(*)::int as n, count(distinct pos)::int as places from pieces where _parent = 3`)).toEqual([{ n: 1500, places: 1500 }])
  })
})

import { expect, test } from 'vitest'
import { connect, iterator, obj, t, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'

const lines = iterator({ name: 'lines', input: [t.text()], output: { line: t.text() } }, function* (text) {
  for (const line of text.split('\n')) yield { line }
})
let measured = 0
const measure = udf({ name: 'measure', input: [t.text()], output: t.int(), version: '1' }, (text) => {
  measured++
  if (text === 'bad') throw new Error('bad line')
  return text.length
})
let joined = 0
const join = udf({ name: 'join', input: [t.text(), t.array(t.int())], output: t.text(), version: '1' }, (title, sizes) => {
  joined++
  return `${title}:${sizes.join('+')}`
})

describeEngines('roll-ups over the rows of a view', (engine) => {
  test('follow the rows, their columns and their cells', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() })
    const rows = await db
      .createView('lines', { of: posts, iterate: (post) => lines(post.body) })
      .addComputedColumn('size', (line) => measure(line.line))
      .addComputedColumn('long', (line) => line.size.gt(2))
    const told = await posts
      .addComputedColumn('lines', (post) => rows.of(post).count())
      .addComputedColumn('long', (post) => rows.of(post).count((line) => line.long))
      .addComputedColumn('total', (post) => rows.of(post).sum((line) => line.size))
      .addComputedColumn('longest', (post) => rows.of(post).max((line) => line.size))
      .addComputedColumn('texts', (post) => rows.of(post).where((line) => line.long).list((line) => line.line))
      .addComputedColumn('mean', (post) => rows.of(post).avg((line) => line.size).round(2))
    await told.insert([
      { title: 'one', body: 'a\nbcd\nef' },
      { title: 'two', body: 'x' },
    ])
    await db.settled()
    const read = () =>
      told
        .orderBy((post) => post._id)
        .select((post) => ({ lines: post.lines, long: post.long, total: post.total, longest: post.longest, texts: post.texts, mean: post.mean }))
        .execute()
    expect(await read()).toEqual([
      { lines: 3, long: 1, total: 6, longest: 3, texts: ['bcd'], mean: 2 },
      { lines: 1, long: 0, total: 1, longest: 1, texts: [], mean: 1 },
    ])
    measured = 0
    await told.where((post) => post._id.eq(1)).update({ body: 'a\nbcd\nefgh\ni' })
    await db.settled()
    expect(await read()).toEqual([
      { lines: 4, long: 2, total: 9, longest: 4, texts: ['bcd', 'efgh'], mean: 2.25 },
      { lines: 1, long: 0, total: 1, longest: 1, texts: [], mean: 1 },
    ])
    expect(measured).toBe(2)
    expect(await told.ready().count()).toBe(2)
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
    expect((await db.settled()).ran).toBe(0)
  })

  test('a function over all rows runs once when they are there, and fails with them', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() })
    const rows = await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addComputedColumn('size', (line) => measure(line.line))
    const told = await posts.addComputedColumn('sizes', (post) => join(post.title, rows.of(post).collect((line) => line.size)))
    joined = 0
    await told.insert(Array.from({ length: 20 }, (_, at) => ({ title: `t${at}`, body: 'a\nbc\ndef' })))
    await db.settled()
    expect(joined).toBe(20)
    expect(await told.limit(1).select((post) => ({ sizes: post.sizes })).execute()).toEqual([{ sizes: 't0:1+2+3' }])
    await told.where((post) => post._id.eq(1)).update({ body: 'a\nbad' })
    await db.settled()
    expect(await told.cell(1, 'sizes')).toMatchObject({ state: 'blocked' })
    expect(joined).toBe(20)
    // equal content: nothing is called
    await told.where((post) => post._id.eq(2)).update({ body: 'c\nbc\ndef' })
    await db.settled()
    expect(joined).toBe(20)
    await told.where((post) => post._id.eq(1)).update({ body: 'a\nok' })
    await db.settled()
    expect(await told.where((post) => post._id.eq(1)).select((post) => ({ sizes: post.sizes })).execute()).toEqual([{ sizes: 't0:1+2' }])
    expect(joined).toBe(21)
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })

  test('of objects, of media and of own columns that users write', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() })
    const rows = await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addColumn('mark', t.int().nullable())
    const told = await posts
      .addComputedColumn('marks', (post) => rows.of(post).collect((line) => obj({ at: line.pos, mark: line.mark })))
      .addComputedColumn('marked', (post) => rows.of(post).any((line) => line.mark.gt(0)))
    await told.insert([{ title: 'one', body: 'a\nb' }])
    await db.settled()
    const read = () => told.select((post) => ({ marks: post.marks, marked: post.marked })).execute()
    expect(await read()).toEqual([{ marks: [{ at: 0, mark: null }, { at: 1, mark: null }], marked: null }])
    await rows.where((line) => line.pos.eq(1)).update({ mark: 5 })
    await db.settled()
    expect(await read()).toEqual([{ marks: [{ at: 0, mark: null }, { at: 1, mark: 5 }], marked: true }])
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })
})

import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, iterator, t, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'
import { pollUntil } from '../../support/poll-until.ts'

const lines = iterator({ name: 'lines', input: [t.text()], output: { line: t.text() } }, function* (text) {
  for (const line of text.split('\n')) yield { line }
})
const words = iterator({ name: 'words', input: [t.text()], output: { word: t.text() } }, function* (text) {
  for (const word of text.split(' ')) yield { word }
})
let calls = 0
const join = udf({ name: 'join', input: [t.text(), t.text()], output: t.text(), version: '1' }, (left, right) => {
  calls++
  return `${left}:${right}`
})
const shout = udf({ name: 'shout', input: [t.text()], output: t.text(), version: '1' }, (text) => text.toUpperCase())

describeEngines('views read their parents', (engine) => {
  test('stored, computed and virtual columns, through all levels, and follow them', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db
      .createTable('posts', { title: t.text(), body: t.text() })
      .addComputedColumn('loud', (post) => shout(post.title))
      .addComputedColumn('long', (post) => post.title.length().gt(3))
    const view = await db
      .createView('lines', { of: posts, iterate: (post) => lines(post.body) })
      .addComputedColumn('named', (row) => join(row.parent.title, row.line))
    const below = await db
      .createView('words', { of: view, iterate: (row) => words(row.line) })
      .addComputedColumn('full', (row) => join(row.parent.parent.loud, row.word))
    await posts.insert([
      { title: 'one', body: 'a b\nc' },
      { title: 'two', body: 'x' },
    ])
    await db.settled()
    const named = () => view.orderBy((row) => row._id).select((row) => ({ named: row.named, long: row.parent.long, id: row.parent._id }))
    const full = () =>
      below
        .ready()
        .orderBy((row) => row._id)
        .select((row) => ({ full: row.full, title: row.parent.parent.title }))
    expect(await named().execute()).toEqual([
      { named: 'one:a b', long: false, id: 1 },
      { named: 'one:c', long: false, id: 1 },
      { named: 'two:x', long: false, id: 2 },
    ])
    expect((await full().execute()).map((row) => row.full)).toEqual(['ONE:a', 'ONE:b', 'ONE:c', 'TWO:x'])

    calls = 0
    await posts.where((post) => post._id.eq(1)).update({ title: 'eins' })
    await db.settled()
    expect((await named().execute()).map((row) => row.named)).toEqual(['eins:a b', 'eins:c', 'two:x'])
    expect(
      await full()
        .where((row) => row.parent.parent.title.eq('eins'))
        .execute(),
    ).toEqual(['EINS:a', 'EINS:b', 'EINS:c'].map((text) => ({ full: text, title: 'eins' })))
    // the rows of the other post were not disturbed
    expect(calls).toBe(5)
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('what a view reads cannot be dropped, renamed or retyped under it', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: false })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() })
    await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addComputedColumn('named', (row) => join(row.parent.title, row.line))
    const refused = { code: 'COLUMN_NEEDED', message: expect.stringContaining('lines.named → posts.title') as string }
    await expect(posts.dropColumn('title')).rejects.toMatchObject(refused)
    await expect(posts.renameColumn('title', 'name')).rejects.toMatchObject(refused)
    await expect(posts.alterColumn('title', t.int())).rejects.toMatchObject(refused)
  })

  test('what waits to fan out covers the cells below', async () => {
    await using database = await engine.database({ folder: true })
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() })
    await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addComputedColumn('named', (row) => join(row.parent.title, row.line))
    await posts.insert([{ title: 'one', body: 'a\nb' }])
    await db.settled()
    await db.close()
    await using idle = await connect(database.target, { worker: false })
    await (await idle.table('posts')).where((post) => post._id.eq(1)).update({ title: 'eins' })
    expect(await idle.doctor()).toMatchObject({ healthy: true })
  })

  test('cells whose parents changed often go with their rows', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), subtitle: t.text(), body: t.text() })
    await db
      .createView('lines', { of: posts, iterate: (post) => lines(post.body) })
      .addComputedColumn('named', (row) => join(row.parent.title, row.parent.subtitle))
    await posts.insert([{ title: 'one', subtitle: 'two', body: 'a\nb' }])
    await db.settled()
    await posts.where((post) => post._id.eq(1)).update({ title: 'eins', subtitle: 'zwei' })
    await db.settled()
    await posts.where((post) => post._id.eq(1)).delete()
    await pollUntil('the cells are swept', async () => !(await db.kysely.selectFrom('vivant.task').select('id').executeTakeFirst()))
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('cells follow a parent whose id changes, on every level below it', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() }).addComputedColumn('loud', (post) => shout(post.title))
    const view = await db
      .createView('lines', { of: posts, iterate: (post) => lines(post.body) })
      .addComputedColumn('named', (row) => join(row.parent.title, row.line))
    const below = await db
      .createView('words', { of: view, iterate: (row) => words(row.line) })
      .addComputedColumn('full', (row) => join(row.parent.parent.loud, row.parent.parent.title))
    await posts.insert([{ title: 'one', body: 'a b' }])
    await db.settled()
    for (const title of ['two', 'three']) {
      await posts.where((post) => post._id.gt(0)).update({ title })
      await db.settled()
    }
    const move = (from: number, to: string) => CompiledQuery.raw(`update posts set _id = ${to} where _id = ${from}`)
    await db.kysely.executeQuery(move(1, 'default'))
    await db.settled()
    expect(await db.doctor()).toMatchObject({ healthy: true })
    // what is computed from now on takes the place of what was computed before
    await posts.where((post) => post._id.gt(0)).update({ title: 'four' })
    await db.settled()
    expect(
      await view
        .ready()
        .select((row) => ({ named: row.named }))
        .execute(),
    ).toEqual([{ named: 'four:a b' }])
    expect(
      await below
        .ready()
        .select((row) => ({ full: row.full }))
        .execute(),
    ).toEqual(['a', 'b'].map(() => ({ full: 'FOUR:four' })))
  })
})

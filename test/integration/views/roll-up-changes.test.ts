import { expect, test } from 'vitest'
import { connect, iterator, t, table, udf, view } from 'vivant'
import { describeEngines } from '../../engines.ts'

const lines = iterator({ name: 'lines', input: [t.text()], output: { line: t.text() } }, function* (text) {
  for (const line of text.split('\n')) yield { line }
})
const double = udf({ name: 'double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)

describeEngines('changes of what roll-ups read', (engine) => {
  test('a column of the parent is renamed, one of the view keeps its name', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { body: t.text(), mark: t.int(), least: t.int() })
    const rows = await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addColumn('mark', t.int().default(3))
    const told = await posts
      .addComputedColumn('marks', (post) => rows.of(post).sum((line) => line.mark))
      .addComputedColumn('leasts', (post) => rows.of(post).sum((line) => line.parent.least))
    await told.insert([{ body: 'a\nb', mark: 1, least: 5 }])
    await db.settled()
    await expect(told.dropColumn('least')).rejects.toMatchObject({ code: 'COLUMN_NEEDED', message: expect.stringContaining('leasts → least') as string })
    const renamed = await told.renameColumn('mark', 'm2').renameColumn('least', 'most')
    await rows.where((line) => line.pos.gte(0)).update({ mark: 9 })
    await renamed.where((post) => post._id.eq(1)).update({ most: 20 })
    await db.settled()
    expect(await renamed.select((post) => ({ marks: post.marks, leasts: post.leasts })).execute()).toEqual([{ marks: 18, leasts: 40 }])
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })

  test('a view is renamed, what is virtual is not replaced under a roll-up, and a definition drops both', async () => {
    await using database = await engine.database()
    const base = table('posts', { body: t.text() })
    const plain = view('lines', { of: base, iterate: (post) => lines(post.body) })
    const sized = plain
      .computed('size', (line) => line.line.length())
      .computed('twice', (line) => line.size.mul(2))
      .computed('cell', (line) => double(line.pos))
    const told = base.computed('total', (post) => sized.of(post).sum((line) => line.twice)).computed('cells', (post) => sized.of(post).sum((line) => line.cell))
    await using db = await connect(database.target, { worker: true, define: { sized, told } })
    await db.told.insert([{ body: 'ab\ncd' }])
    await db.settled()
    const needed = { code: 'COLUMN_NEEDED', message: expect.stringContaining('posts.total → lines.twice') as string }
    await expect(db.sized.replaceComputedColumn('size', (line) => line.line.trim().length())).rejects.toMatchObject(needed)
    await db.renameTable('lines', 'parts')
    await db.told.where((post) => post._id.eq(1)).update({ body: 'abc' })
    await db.settled()
    expect(await db.told.select((post) => ({ total: post.total, cells: post.cells })).execute()).toEqual([{ total: 6, cells: 0 }])
    await db.renameTable('parts', 'lines')
    await db.apply({ plain, base }, { allowDrop: true })
    expect(await db.plan({ plain, base })).toMatchObject({ created: [], altered: [], dropped: [] })
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })

  test('what is no function of a row is refused', () => {
    const posts = table('posts', { body: t.text() })
    const rows = view('lines', { of: posts, iterate: (post) => lines(post.body) })
    const given = (call: (children: ReturnType<typeof rows.of>) => unknown) => () => posts.computed('n', (post) => call(rows.of(post)) as never)
    expect(given((children) => children.collect(undefined as never))).toThrow("list() of the rows of 'lines' takes a function of a row, not undefined")
    expect(given((children) => children.where(3 as never))).toThrow("where() of the rows of 'lines' takes a function of a row, not")
  })
})

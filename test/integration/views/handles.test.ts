import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, iterator, t, table, udf, view } from 'vivant'
import { describeEngines } from '../../engines.ts'

const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown

const lines = iterator({ name: 'lines', input: [t.text()], output: { line: t.text() }, version: '1' }, function* (text) {
  for (const line of text.split('\n')) yield { line }
})
const words = iterator({ name: 'words', input: [t.text()], output: { word: t.text() }, version: '1' }, function* (text) {
  for (const word of text.split(' ')) yield { word }
})
const join = udf({ name: 'join', input: [t.text(), t.text()], output: t.text(), version: '1' }, (left, right) => `${left}:${right}`)

const posts = table('posts', { title: t.text(), body: t.text(), draft: t.boolean().default(false) })
const rows = view('lines', { of: posts, iterate: (post) => lines(post.body), where: (post) => post.draft.not() })
  .computed('named', (row) => join(row.parent.title, row.line))
  .computed('loud', (row) => row.parent.title.concat(row.line).upper())
const below = view('words', { of: rows, iterate: (row) => words(row.line) }).computed('full', (row) => join(row.parent.parent.title, row.parent.named))

describeEngines('a view', (engine) => {
  let close: () => Promise<void>
  let db: Awaited<ReturnType<typeof open>>
  const open = (target: string) => connect(target, { define: { posts, rows, below }, worker: true })
  const run = async (statement: string): Promise<readonly Record<string, unknown>[]> =>
    (await db.kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement))).rows
  beforeAll(async () => {
    const database = await engine.database()
    db = await open(database.target)
    close = async () => {
      await db.close()
      await database[Symbol.asyncDispose]()
    }
    await db.posts.insert([{ title: 'one', body: 'a b\nc' }])
    await db.settled()
  })
  afterAll(() => close())

  test('opened by its name is as able as one from its definition', async () => {
    const handle = (await db.table('words')) as unknown as typeof db.below
    const found = await handle
      .where((row) => row.parent.parent.title.eq('one'))
      .orderBy((row) => row._id)
      .select((row) => ({ word: row.word, line: row.parent.line, title: row.parent.parent.title, named: row.parent.named }))
      .execute()
    expect(found).toEqual([
      { word: 'a', line: 'a b', title: 'one', named: 'one:a b' },
      { word: 'b', line: 'a b', title: 'one', named: 'one:a b' },
      { word: 'c', line: 'c', title: 'one', named: 'one:c' },
    ])
    const again = await handle.addComputedColumn('again', (row) => join(row.parent.parent.title, row.word))
    await db.settled()
    expect(await run('select again from live.words order by _id')).toEqual(['one:a', 'one:b', 'one:c'].map((text) => ({ again: text })))
    await expect(handle.insert([{ word: 'x' }] as never)).rejects.toEqual(code('NOT_WRITABLE'))
    await again.dropColumn('again')
    await db.transaction(async (tx) => {
      const inside = (await tx.table('words')) as unknown as typeof db.below
      expect(await inside.where((row) => row.parent.line.eq('c')).count()).toBe(1)
    })
  })

  test('shows in the lineage of its columns and of its parents', async () => {
    const of = async (name: string): Promise<Record<string, unknown>> =>
      Object.fromEntries((await (await db.table(name)).lineage()).map(({ column, kind, reads, readBy }) => [column, { kind, reads, readBy }]))
    expect(await of('posts')).toEqual({
      title: { kind: 'stored', reads: [], readBy: ['lines.named', 'lines.loud', 'words.full'] },
      body: { kind: 'stored', reads: [], readBy: ['lines.pos', 'lines.line'] },
      draft: { kind: 'stored', reads: [], readBy: ['lines.pos', 'lines.line'] },
    })
    expect(await of('lines')).toMatchObject({
      line: { kind: 'made', reads: ['posts.body', 'posts.draft'], readBy: ['named', 'loud', 'words.pos', 'words.word'] },
      named: { kind: 'computed', reads: ['posts.title', 'line'], readBy: ['words.full'] },
    })
    expect(await of('words')).toMatchObject({ full: { kind: 'computed', reads: ['posts.title', 'lines.named'], readBy: [] } })
  })

  test('of a view shows no row whose own parent is not shown', async () => {
    const [{ cells } = {}] = await run(`select cell_table as cells from vivant."column" where name = 'lines$rows'`)
    const count = async (): Promise<readonly unknown[]> => [
      (await run('select count(*)::int as n from live.words'))[0]!['n'],
      await db.below.count(),
      await db.below.where((row) => row.parent.line.eq('c')).count(),
    ]
    // as between two pieces of the list of lines
    await run(`update vivant_data.${cells as string} set value = 1`)
    expect(await count()).toEqual([2, 2, 0])
    await run(`update vivant_data.${cells as string} set value = 2`)
    expect(await count()).toEqual([3, 3, 1])
  })

  test('has virtual columns over its parents, in SQL and in queries', async () => {
    const expected = ['ONEA B', 'ONEC']
    expect((await run('select loud from live.lines order by pos')).map(({ loud }) => loud)).toEqual(expected)
    const found = await db.rows
      .ready()
      .orderBy((row) => row.loud)
      .select((row) => ({ loud: row.loud }))
      .execute()
    expect(found.map(({ loud }) => loud)).toEqual(expected)
    const over = await db.below.addComputedColumn('over', (row) => row.parent.named.concat(row.parent.loud).concat(row.parent.parent.title))
    expect((await run('select over from live.words order by _id')).map((row) => row['over'])).toEqual(['one:a bONEA Bone', 'one:a bONEA Bone', 'one:cONECone'])
    await expect(over.addIndex('over')).rejects.toEqual(code('NOT_INDEXABLE'))
    await over.dropColumn('over')
  })

  test('of itself is refused with the path', async () => {
    expect(() => view('lines', { of: below, where: (row) => row.word.ne('') })).toThrow(code('CYCLE'))
    expect(() => view('lines', { of: below, where: (row) => row.word.ne('') })).toThrow('lines → words → lines')
    expect(() => view('posts', { of: posts, where: (post) => post.draft })).toThrow(code('CYCLE'))
    expect(() => db.createView('posts', { of: db.below, where: (row) => row.word.ne('') })).toThrow('posts → words → lines → posts')
  })

  test('names the path where a column that it reads is to be renamed, replaced or dropped', async () => {
    const refused = (path: string): object => ({ code: 'COLUMN_NEEDED', message: expect.stringContaining(path) as unknown })
    const handle = await db.table('lines')
    await expect(handle.renameColumn('named', 'other')).rejects.toMatchObject(refused('words.full → lines.named'))
    await expect(db.rows.replaceComputedColumn('named', (row) => row.line.length())).rejects.toMatchObject(refused('words.full → lines.named'))
    await expect(db.posts.renameColumn('title', 'name')).rejects.toMatchObject(refused('lines.named → posts.title'))
    await expect(db.posts.renameColumn('title', 'name')).rejects.toMatchObject(refused('lines.loud → posts.title'))
    await expect(db.posts.dropColumn('body')).rejects.toMatchObject(refused('lines (view)'))
  })
})

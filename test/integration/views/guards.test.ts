import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, each, t, table, view } from 'vivant'
import { describeEngines } from '../../engines.ts'

const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown
const posts = table('posts', { tags: t.array(t.text()) })
const tags = view('tags', { of: posts, iterate: (post) => each(post.tags) })
const shouted = view('shouted', { of: tags, where: (tag) => tag.value.ne('quiet') })

describeEngines('the rows of a view', (engine) => {
  let close: () => Promise<void>
  let db: Awaited<ReturnType<typeof open>>
  const open = (target: string) => connect(target, { define: { posts, tags, shouted }, worker: true })
  const run = async (statement: string): Promise<readonly Record<string, unknown>[]> =>
    (await db.kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement))).rows
  beforeAll(async () => {
    const database = await engine.database()
    db = await open(database.target)
    close = async () => {
      await db.close()
      await database[Symbol.asyncDispose]()
    }
    await db.posts.insert([{ tags: ['a', 'b'] }, { tags: ['c'] }])
    await db.settled()
  })
  afterAll(() => close())

  const refused: readonly (readonly [string, string])[] = [
    ['an insert', `insert into tags (_parent, pos, _content, value) values (1, 9, gen_random_uuid(), 'x')`],
    ['an insert of nothing', `insert into tags (_parent, pos, _content, value) select 1, 1, gen_random_uuid(), 'x' where false`],
    ['an update of a made column', `update tags set value = 'x' where pos = 0`],
    ['an update of the position', `update tags set pos = pos + 1`],
    ['an update of the parent', `update tags set _parent = 2`],
    ['a delete', 'delete from tags'],
    ['a truncation', 'truncate tags cascade'],
    ['a merge', `merge into tags t using (values (1)) v(n) on t.pos = v.n when matched then update set value = 'x'`],
  ]
  for (const [what, statement] of refused)
    test(`refuse ${what} by others, in words`, async () => {
      await expect(run(statement)).rejects.toThrow('the rows of the view tags are made from its parent')
      expect(await run('select value from live.tags order by _parent, pos')).toEqual(['a', 'b', 'c'].map((value) => ({ value })))
    })

  test('refuse a row that is inserted through the API, in words of the API', async () => {
    // the compiler refuses it as well
    const row = [{ value: 'x', pos: 1 }] as never
    for (const work of [
      () => db.tags.insert(row),
      () => db.tags.insert(row, { onInvalid: 'skip' }),
      () => db.transaction((tx) => tx.table(tags).insert(row)),
      () => db.tags.where((tag) => tag.pos.eq(0)).update({ value: 'x' as never }),
      () => db.tags.where((tag) => tag.pos.eq(0)).delete(),
    ])
      await expect(work()).rejects.toEqual(code('NOT_WRITABLE'))
    await expect(db.tags.insert(row)).rejects.toThrow("'tags' is a view: its rows are made from those of 'posts'. Insert there.")
    expect(await run('select count(*)::int as n from tags')).toEqual([{ n: 3 }])
  })

  test('let their own columns be written, which stay when their parent changes', async () => {
    await db.tags.addColumn('note', t.text().nullable())
    // it is the user's: the view is still what it was declared to be
    await db.createView('tags', { of: posts, iterate: (post) => each(post.tags) })
    await run(`update tags set note = 'mine' where value = 'b'`)
    await run(`update posts set tags = array['x', 'b', 'a'] where _id = 1`)
    await db.settled()
    expect(await run('select value, note from live.tags where _parent = 1 order by pos')).toEqual([
      { value: 'x', note: null },
      { value: 'b', note: 'mine' },
      { value: 'a', note: null },
    ])
    await run(`update posts set tags = array['a', 'b'] where _id = 1`)
    await db.settled()
  })

  test('go with their parent whichever way it goes', async () => {
    await run('update posts set _id = default where _id = 2')
    await db.settled()
    expect(await run('select value from live.tags order by value')).toEqual(['a', 'b', 'c'].map((value) => ({ value })))
    await run('delete from posts where _id = 1')
    await db.settled()
    expect(await run('select value from live.tags')).toEqual([{ value: 'c' }])
    expect(await run('select count(*)::int as n from live.shouted')).toEqual([{ n: 1 }])
    await expect(run('truncate posts')).rejects.toThrow('foreign key')
    await run('truncate posts cascade')
    await db.settled()
    expect(await run('select (select count(*) from tags)::int + (select count(*) from shouted)::int as n')).toEqual([{ n: 0 }])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })
})

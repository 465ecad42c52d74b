import { setTimeout as sleep } from 'node:timers/promises'
import { CompiledQuery } from 'kysely'
import { describe, expect, test } from 'vitest'
import { connect, type Database, iterator, t, table, udf, view } from 'vivant'
import { describeEngines } from '../../engines.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { UserSession } from '../../support/user-session.ts'

let calls = 0
const split = iterator({ name: 'split', input: [t.text()], output: { text: t.text() }, version: '1' }, function* (body) {
  calls++
  for (const text of body.split(' ')) yield { text }
})
const slowly = iterator({ name: 'slowly', input: [t.text()], output: { text: t.text() }, version: '1' }, async function* (body) {
  for (const text of body.split(' ')) {
    await sleep(20)
    yield { text }
  }
})
const count = iterator({ name: 'count', input: [t.int()], output: { n: t.int() }, version: '1' }, (to) => Array.from({ length: to }, (_, n) => ({ n })))
const size = udf({ name: 'size', input: [t.text()], output: t.int(), version: '1' }, (text) => text.length)

const posts = table('posts', { body: t.text() })
const words = view('words', { of: posts, iterate: (post) => split(post.body) }).computed('size', (word) => size(word.text))
const slow = view('slow', { of: posts, iterate: (post) => slowly(post.body) })
const sums = table('sums', { to: t.int() })
const numbers = view('numbers', { of: sums, iterate: (sum) => count(sum.to) })

async function run<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}
const texts = async (db: Database, from: string): Promise<readonly unknown[]> =>
  (await run(db, `select text from ${from} order by _parent, pos`)).map(({ text }) => text)

describeEngines('rows of a view', (engine) => {
  describe.skipIf(engine.name === 'embedded')('that users hold', () => {
    test('wait for their transaction, and the list that was made of them is kept meanwhile', async () => {
      const { target, url } = await engine.database()
      await using db = await connect(target, { define: { posts, words }, worker: true })
      await using user = await UserSession.open(url!)
      await db.posts.insert([{ body: 'a b c' }, { body: 'x' }])
      await db.settled()
      await user.run('begin')
      await user.run('select from words where text = $1 for update', ['b'])
      calls = 0
      await run(db, `update posts set body = body || ' d' where _id = 2`)
      await run(db, `update posts set body = 'a c' where _id = 1`)
      await pollUntil('the other post is served', async () => (await texts(db, 'live.words')).join(' ') === 'a b c x d')
      await sleep(1200)
      expect(calls).toBe(2)
      await user.run('rollback')
      await db.settled()
      expect(await texts(db, 'words')).toEqual(['a', 'c', 'x', 'd'])
      expect(calls).toBe(2)
      // what was kept is not taken for what is made of another value
      await user.run('begin')
      await user.run('select from words where text = $1 for update', ['c'])
      await run(db, `update posts set body = 'a' where _id = 1`)
      await pollUntil('it was tried', async () => calls === 3)
      await run(db, `update posts set body = 'e' where _id = 1`)
      await pollUntil('and again', async () => calls === 4)
      await user.run('rollback')
      await db.settled()
      expect(await texts(db, 'live.words')).toEqual(['e', 'x', 'd'])
      expect(await db.doctor()).toMatchObject({ healthy: true })
    })

    test('go with their parent, deleted while they are being made', async () => {
      const { target, url } = await engine.database()
      await using db = await connect(target, { define: { posts, words, slow }, worker: true })
      await using user = await UserSession.open(url!)
      await user.run(`set lock_timeout = '3s'`)
      const body = Array.from({ length: 30 }, (_, index) => `w${index}`).join(' ')
      await db.posts.insert([{ body }, { body: 'stays' }, { body: 'comes back' }])
      // held open while the lists are made, and committed then
      await user.run('begin')
      await user.run('delete from posts where _id <> 2')
      await pollUntil('the others are made', async () => (await texts(db, 'live.slow')).includes('stays'))
      await user.run('commit')
      await db.settled()
      expect([await texts(db, 'words'), await texts(db, 'slow')]).toEqual([['stays'], ['stays']])
      await user.run('begin')
      await user.run('delete from posts')
      await user.run('rollback')
      await db.settled()
      expect(await texts(db, 'live.words')).toEqual(['stays'])
      expect(await db.doctor()).toMatchObject({ healthy: true })
    })
  })

  test('that an older, longer list has left go in several transactions, and none of them is seen', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { sums, numbers }, worker: true })
    await db.sums.insert([{ to: 4500 }, { to: 3 }])
    await db.settled()
    await run(db, `create table gone (n int)`)
    await run(
      db,
      `create function note_gone() returns trigger language plpgsql as $$ begin insert into gone select count(*) from old_rows; return null; end $$;`,
    )
    await run(db, `create trigger note_gone after delete on numbers referencing old table as old_rows for each statement execute function note_gone()`)
    for (const [to, left] of [
      [2, 5],
      [0, 3],
    ] as const) {
      await run(db, `update sums set "to" = 4500 where _id = 1`)
      await db.settled()
      await run(db, 'delete from gone')
      await run(db, `update sums set "to" = ${to} where _id = 1`)
      await db.settled()
      expect(await run(db, 'select count(*)::int as n from numbers')).toEqual([{ n: left }])
      expect(await run(db, 'select max(n) as most, sum(n)::int as all from gone')).toEqual([{ most: 2000, all: 4500 - to }])
      expect(await run(db, 'select count(*)::int as n from live.numbers')).toEqual([{ n: left }])
    }
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })
})

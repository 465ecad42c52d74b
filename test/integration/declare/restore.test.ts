import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { connect, t, table, udf } from 'vivant'
import { shopSchema } from '../../support/shop.ts'
import { createServerDatabase } from '../../postgres/server-database.ts'

const run = promisify(execFile)
const serverUrl = process.env['VIVANT_TEST_SERVER_URL']
const psql = process.env['VIVANT_TEST_PSQL'] ?? 'psql'
const pgDump = join(dirname(psql), 'pg_dump')
const hasDump = await run(pgDump, ['--version']).then(
  () => true,
  () => false,
)

let calls = 0
const words = udf({ name: 'restored_words', input: [t.text()], output: t.int(), version: '1' }, (text) => {
  calls++
  return text.split(' ').length
})
const posts = table('posts', { gone: t.text().nullable(), title: t.text().unique(), tags: t.json<string[]>().default([]) })
  .computed('words', (post) => words(post.title))
  .computed('twice', (post) => post.words.mul(2))
  .computed('old', (post) => words(post.gone))
const rest = table('posts', { title: t.text().unique(), tags: t.json<string[]>().default([]) })
  .computed('words', (post) => words(post.title))
  .computed('twice', (post) => post.words.mul(2))

const goods = table('products', { sku: t.text().primaryKey(), title: t.text() }).computed('words', (product) => words(product.title))
const happenings = table('events', { id: t.int(), message: t.text().nullable() }).computed('words', (event) => words(event.message))

describe.skipIf(!serverUrl || !hasDump)('a restored dump', () => {
  /** A dump of a database, restored into another. */
  async function restored(work: (url: string) => Promise<void>, use: (url: string) => Promise<void>): Promise<void> {
    const [before, after] = await Promise.all([createServerDatabase(serverUrl!), createServerDatabase(serverUrl!)])
    const folder = await mkdtemp(join(tmpdir(), 'vivant-dump-'))
    try {
      await work(before.url)
      const dump = join(folder, 'dump.sql')
      await run(pgDump, ['--no-owner', '-f', dump, before.url])
      await onDatabase(after.url, 'drop extension vector')
      await run(psql, ['--no-psqlrc', '-q', '-v', 'ON_ERROR_STOP=1', '-f', dump, after.url])
      await use(after.url)
    } finally {
      await rm(folder, { recursive: true, force: true })
      await before.drop()
      await after.drop()
    }
  }

  test('goes on where the other was: nothing is computed again, new and changed rows are', () =>
    restored(
      async (url) => {
        {
          await using db = await connect(url, { define: { posts }, worker: true })
          // numbers of columns have a gap, which a dump closes
          await db.posts.dropColumn('old').dropColumn('gone')
          await db.posts.insert([{ title: 'one' }, { title: 'one two' }, { title: 'one two three' }], { wait: true })
          await db.posts.where((post) => post.title.eq('one')).update({ title: 'now two' })
          await db.settled()
        }
        // and some work is left undone
        await using db = await connect(url, { worker: false })
        await (await db.table('posts')).insert([{ title: 'left to do' }])
      },
      async (url) => {
        calls = 0
        await using db = await connect(url, { define: { posts: rest }, worker: true })
        await db.settled({ timeoutMs: 20_000 })
        expect(calls).toBe(1)
        expect((await db.doctor()).findings).toEqual([])
        const [id] = (await db.posts.insert([{ title: 'a new row here' }], { wait: true, timeoutMs: 20_000 })).ids
        await db.posts.where((post) => post.title.eq('one two')).update({ title: 'changed by now too' })
        await onDatabase(url, `update posts set tags = '["x"]' where title = 'now two'; delete from posts where title = 'one two three'`)
        await db.settled({ timeoutMs: 20_000 })
        const rows = await db.posts
          .ready()
          .orderBy((post) => post._id)
          .select((post) => ({ id: post._id, title: post.title, words: post.words, twice: post.twice }))
          .execute()
        expect(rows).toEqual([
          { id: 1, title: 'now two', words: 2, twice: 4 },
          { id: 2, title: 'changed by now too', words: 4, twice: 8 },
          { id: 4, title: 'left to do', words: 3, twice: 6 },
          { id, title: 'a new row here', words: 4, twice: 8 },
        ])
        expect(calls).toBe(3)
        expect((await db.doctor()).findings).toEqual([])
      },
    ))

  test('an adopted table comes back adopted, with its cells, and can be released', () =>
    restored(
      async (url) => {
        await onDatabase(url, shopSchema.join(';'))
        await using db = await connect(url, { worker: true })
        for (const adopted of [goods, happenings]) await db.adopt(adopted)
        await db.apply({ goods, happenings })
        await db.settled()
        await onDatabase(url, `update products set title = 'a b c' where sku = 'p1'; delete from products where sku = 'p2'`)
        await db.settled()
      },
      async (url) => {
        calls = 0
        await using db = await connect(url, { define: { goods, happenings }, worker: true })
        await db.settled({ timeoutMs: 20_000 })
        expect(calls).toBe(0)
        await onDatabase(
          url,
          `update products set title = 'four words are here' where sku = 'p3'; insert into events_new values (999, '2027-01-01', 'one two')`,
        )
        await db.settled({ timeoutMs: 20_000 })
        expect(calls).toBe(2)
        const rows = await db.goods
          .ready()
          .where((product) => product.sku.in(['p1', 'p2', 'p3']))
          .orderBy((product) => product.sku)
          .select(({ sku, words: n }) => ({ sku, n }))
          .execute()
        expect(rows).toEqual([
          { sku: 'p1', n: 3 },
          { sku: 'p3', n: 4 },
        ])
        expect(await db.happenings.ready().count()).toBe(61)
        expect((await db.doctor()).findings).toEqual([])
        await db.release(goods)
        await db.release(happenings)
      },
    ))

  test('a column that was dropped by SQL just before is not taken for the one that has its number now', () =>
    restored(
      async (url) => {
        {
          await using db = await connect(url, { define: { posts }, worker: true })
          await db.posts.insert([{ gone: 'a b', title: 'one' }], { wait: true })
          await onDatabase(url, `update posts set gone = 'a b c', title = 'one two'`)
          await db.settled()
        }
        await onDatabase(url, 'alter table posts drop column gone cascade')
      },
      async (url) => {
        calls = 0
        await using db = await connect(url, { define: { posts: rest }, worker: true })
        await db.settled({ timeoutMs: 20_000 })
        expect(calls).toBe(0)
        expect(await db.posts.ready().execute()).toMatchObject([{ title: 'one two', words: 2, twice: 4 }])
        await db.posts.where((post) => post.title.eq('one two')).update({ title: 'x' })
        await db.settled({ timeoutMs: 20_000 })
        expect(await db.posts.ready().execute()).toMatchObject([{ title: 'x', words: 1, twice: 2 }])
        expect((await db.doctor()).findings).toEqual([])
      },
    ))
})

async function onDatabase(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}

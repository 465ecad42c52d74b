import { expect, test } from 'vitest'
import { connect, iterator, t, udf } from 'vivant'
import { describeEngines } from '../engines.ts'

const lines = iterator({ name: 'lines', input: [t.text()], output: { line: t.text() } }, function* (text) {
  for (const line of text.split('\n')) yield { line }
})
const double = udf({ name: 'double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)

describeEngines('renamed by SQL', (engine) => {
  test('a view, its columns and those of its parent are followed by what reads them', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { body: t.text(), least: t.int() })
    const rows = await db
      .createView('lines', { of: posts, iterate: (post) => lines(post.body) })
      .addColumn('mark', t.int().default(3))
      .addComputedColumn('m', (line) => double(line.parent.least))
    const told = await posts
      .addComputedColumn('marks', (post) => rows.of(post).sum((line) => line.mark))
      .addComputedColumn('ms', (post) => rows.of(post).sum((line) => line.m))
    await told.insert([{ body: 'a\nb', least: 5 }])
    await db.settled()
    const sql = async (text: string) => db.kysely.executeQuery({ sql: text, parameters: [], query: { kind: 'RawNode' } } as never)
    await sql('alter table lines rename column mark to m2')
    await sql('update lines set m2 = 7')
    await db.settled({ timeoutMs: 30_000 })
    await sql('alter table posts rename column least to smallest')
    await sql('update posts set smallest = 50')
    await db.settled({ timeoutMs: 30_000 })
    await sql('alter table lines rename to parts')
    await sql('update parts set m2 = 8')
    await sql(`update posts set body = 'a\nb\nc'`)
    await db.settled({ timeoutMs: 30_000 })
    const { rows: found } = await sql('select marks, ms, _status from live.posts')
    expect(found).toEqual([{ marks: 8 + 8 + 3, ms: 300, _status: {} }])
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })
})

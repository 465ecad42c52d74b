import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database, embeddingModel, type LoggerLike, now, t, table, udf } from 'vivant'
import { describeEngines, type TestDatabase } from '../../engines.ts'

const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown
const silent = (): void => {}

describeEngines('computed columns', (engine) => {
  let database: TestDatabase
  let db: Database
  const warnings: string[] = []
  const logger: LoggerLike = { debug: silent, info: silent, warn: (message: string) => void warnings.push(message), error: silent }
  beforeAll(async () => {
    database = await engine.database()
    db = await connect(database.target, { worker: true, logger })
  })
  afterAll(async () => {
    await db.close()
    await database[Symbol.asyncDispose]()
  })

  const run = async <R = Record<string, unknown>>(statement: string): Promise<readonly R[]> =>
    (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
  const columnOf = async (tableName: string, column: string) =>
    (
      await run<{ kind: string; version: number; hashes: number; pending: boolean | null; pool: string }>(
        `select c.kind, c.version, cardinality(c.code_hashes) as hashes, (c.options->'pendingCode')::boolean as pending, c.pool from vivant."column" c join vivant."table" t on t.id = c.table_id where t.name = '${tableName}' and c.name = '${column}'`,
      )
    )[0]!
  const operations = async (tableName: string): Promise<number> =>
    (
      await run<{ n: number }>(
        `select count(*)::int as n from vivant.operation o join vivant."table" t on t.id = o.table_id where t.name = '${tableName}' and o.kind = 'publish'`,
      )
    )[0]!.n

  /** Each call gives other code under one name. */
  const versioned = (name: string, version: string, add: number) => udf({ name, input: [t.int()], output: t.int(), version }, (n) => n + add)

  test('a chain is one operation, is filled for rows that are there, and is kept right', async () => {
    const double = udf({ name: 'double', input: [t.int()], output: t.int() }, (n) => n * 2)
    const numbers = await db.createTable('numbers', { n: t.int(), word: t.text().nullable() })
    await numbers.insert([{ n: 1 }, { n: 2, word: 'two' }])
    const more = await numbers
      .addComputedColumn('a', (row) => double(row.n))
      .addComputedColumn('b', (row) => double(row.a))
      .addComputedColumn('c', (row) => row.b.add(row.n))
      .addComputedColumn('big', (row) => row.c.gt(5))
    expect(await operations('numbers')).toBe(1)
    await db.settled()
    expect(await more.execute()).toEqual([
      { _id: 1, n: 1, word: null, a: 2, b: 4, c: 5, big: false },
      { _id: 2, n: 2, word: 'two', a: 4, b: 8, c: 10, big: true },
    ])
    await more.where((row) => row.big).update({ n: 0 })
    expect((await db.settled()).ran).toBe(2)
    expect(
      await more
        .ready()
        .select((row) => ({ c: row.c }))
        .execute(),
    ).toEqual([{ c: 5 }, { c: 0 }])
  })

  test('what PostgreSQL can compute is virtual, unless something is asked of its cells', async () => {
    await db
      .createTable('virtuals', { n: t.int(), title: t.text(), at: t.timestamp() })
      .addComputedColumn('v', (row) => row.n.add(1))
      .addComputedColumn('over', (row) => row.v.mul(2))
      .addComputedColumn('upper', (row) => row.title.upper())
      .addComputedColumn('conditional', (row) => row.n.add(1), { when: (row) => row.n.gt(0) })
      .addComputedColumn('retried', (row) => row.n.add(1), { retry: { attempts: 2 } })
      .addComputedColumn('tolerant', (row) => row.n.add(1), { onError: 'null' })
      .addComputedColumn('moment', (row) => row.at.lt(now()))
      .addComputedColumn('parsed', (row) => row.title.cast(t.int()))
    const kinds = await run<{ name: string; kind: string }>(
      `select c.name, c.kind from vivant."column" c join vivant."table" t on t.id = c.table_id where t.name = 'virtuals' and c.kind <> 'stored' order by c.position`,
    )
    expect(Object.fromEntries(kinds.map(({ name, kind }) => [name, kind]))).toMatchObject({
      v: 'virtual',
      over: 'virtual',
      conditional: 'computed',
      retried: 'computed',
      tolerant: 'computed',
      moment: 'computed',
    })
  })

  test('virtual columns that repeat each other are stored before they grow without bound', async () => {
    let chain = db.createTable('doubling', { n: t.int() }).addComputedColumn('v0' as string as 'n0', (row) => row.n.add(row.n)) as never as Loose
    for (let at = 1; at < 14; at++) chain = chain.addComputedColumn(`v${at}`, (row) => row[at === 1 ? 'v0' : `v${at - 1}`]!.add(row[`v${at - 1}`]))
    await chain
    const kinds = await run<{ kind: string; n: number }>(
      `select kind, count(*)::int as n from vivant."column" where table_id = (select id from vivant."table" where name = 'doubling') group by 1 order by 1`,
    )
    expect(kinds.map(({ kind }) => kind)).toEqual(['computed', 'stored', 'virtual'])
  })

  test('declaring it again gives the handle; with another expression it is refused, and both are shown', async () => {
    const things = await db.createTable('again', { n: t.int() }).addComputedColumn('plus', (row) => row.n.add(1))
    const again = await db.createTable('again', { n: t.int() })
    await again.addComputedColumn('plus', (row) => row.n.add(1))
    expect(await operations('again')).toBe(1)
    await expect(again.addComputedColumn('plus', (row) => row.n.add(2))).rejects.toThrow(/it is n\.add\(1\) \((int|float)\), declared is n\.add\(2\)/)
    await expect(again.addComputedColumn('plus', (row) => row.n.add(1), { when: (row) => row.n.gt(0) })).rejects.toThrow(
      /declared is n\.add\(1\) \((int|float)\), when n\.gt\(0\)/,
    )
    await expect(things.addComputedColumn('n' as never, (row) => row.n)).rejects.toEqual(code('COLUMN_EXISTS'))
    await expect(again.addComputedColumn('other', (row) => row.n.add(1)).addComputedColumn('n' as never, (row) => row.n)).rejects.toEqual(code('COLUMN_EXISTS'))
    // only what failed is not there
    expect((await columnOf('again', 'other')).kind).toBe('virtual')
    // options that change no value are taken over
    const options = { retry: { attempts: 2 }, priority: 5 }
    const f = versioned('again_f', '1', 1)
    await again.addComputedColumn('f', (row) => f(row.n))
    await again.addComputedColumn('f', (row) => f(row.n), options)
    expect(await columnOf('again', 'f')).toMatchObject({ version: 1, hashes: 1 })
    expect(await run(`select options->>'priority' as priority from vivant."column" where name = 'f'`)).toEqual([{ priority: '5' }])
  })

  test('an error in a callback shows the line, and nothing of the chain after it runs', async () => {
    const pending = db
      .createTable('broken', { n: t.int() })
      .addComputedColumn('a', (row) => row.n.add(1))
      .addComputedColumn('b', () => {
        throw new RangeError('in the callback')
      })
      .addComputedColumn('c', (row) => row.n.add(2))
    await expect(pending).rejects.toThrow(RangeError)
    expect((await (await db.table('broken')).lineage()).map(({ column }) => column)).toEqual(['n', 'a'])
  })

  test('a column is declared by several processes at once', async () => {
    const f = versioned('at_once', '1', 1)
    const make = () =>
      db
        .createTable('at_once', { n: t.int() })
        .addComputedColumn('f', (row) => f(row.n))
        .addComputedColumn('g', (row) => row.f.add(1))
    await Promise.all([make(), make(), make()])
    expect(await columnOf('at_once', 'f')).toMatchObject({ version: 1 })
  })

  describe('new code', () => {
    const make = async (name: string, policy: 'recompute' | 'keep' | 'manual' | undefined, version: string, add: number) => {
      const f = versioned(`${name}_f`, version, add)
      return db.createTable(name, { n: t.int() }).addComputedColumn('f', (row) => f(row.n), policy ? { onCodeChange: policy } : {})
    }
    const values = async (name: string) => (await run<{ f: number }>(`select f from live.${name} order by _id`)).map((row) => row.f)

    test('recomputes by default, and the superseded code does not win again by itself', async () => {
      await (await make('recomputed', undefined, '1', 1)).insert([{ n: 10 }])
      await db.settled()
      await make('recomputed', undefined, '2', 2)
      expect((await db.settled()).ran).toBe(1)
      expect(await values('recomputed')).toEqual([12])
      expect(await columnOf('recomputed', 'f')).toMatchObject({ version: 2, hashes: 2 })
      warnings.length = 0
      await make('recomputed', undefined, '1', 1)
      expect(warnings).toEqual([expect.stringContaining("'recomputed.f' has newer code than this program")])
      expect(await columnOf('recomputed', 'f')).toMatchObject({ version: 2, hashes: 2 })
      const f = versioned('recomputed_f', '1', 1)
      await (await make('recomputed', undefined, '2', 2)).replaceComputedColumn('f', (row) => f(row.n))
      await db.settled()
      expect(await values('recomputed')).toEqual([11])
    })

    test('keeps the cells with `keep`, and computes new rows', async () => {
      await (await make('kept', 'keep', '1', 1)).insert([{ n: 10 }])
      await db.settled()
      const kept = await make('kept', 'keep', '2', 2)
      await kept.insert([{ n: 10 }])
      expect((await db.settled()).ran).toBe(1)
      expect(await values('kept')).toEqual([11, 12])
      expect(await columnOf('kept', 'f')).toMatchObject({ version: 1, hashes: 2, pending: null })
    })

    test('waits for recompute with `manual`', async () => {
      await (await make('by_hand', 'manual', '1', 1)).insert([{ n: 10 }])
      await db.settled()
      const byHand = await make('by_hand', 'manual', '2', 2)
      expect(await values('by_hand')).toEqual([11])
      expect(await columnOf('by_hand', 'f')).toMatchObject({ version: 1, hashes: 2, pending: true })
      await make('by_hand', 'manual', '2', 2)
      expect((await columnOf('by_hand', 'f')).pending).toBe(true)
      await byHand.recompute('f')
      expect(await values('by_hand')).toEqual([12])
      expect((await columnOf('by_hand', 'f')).pending).toBe(null)
    })
  })

  test('a name has one code: other code of a name that a column uses is refused', async () => {
    const things = await db.createTable('taken', { n: t.int() })
    await things.addComputedColumn('a', (row) => versioned('taken_f', '1', 1)(row.n))
    await expect(things.addComputedColumn('b', (row) => versioned('taken_f', '2', 2)(row.n))).rejects.toThrow("other code of that name computes 'taken.a'")
    const two = things.addComputedColumn('c', (row) => versioned('two', '1', 1)(row.n)).addComputedColumn('d', (row) => versioned('two', '2', 2)(row.n))
    await expect(two).rejects.toEqual(code('FUNCTION_NAME_TAKEN'))
    await expect(things.addComputedColumn('e', (row) => udf({ input: [t.int()], output: t.int() }, (n) => n)(row.n))).rejects.toEqual(code('FUNCTION_UNNAMED'))
  })

  test('a column runs in the pool of its functions', async () => {
    const inPool = (pool: string) => udf({ name: `in_${pool}`, input: [t.int()], output: t.int(), pool }, (n) => n)
    const [gpu, cpu] = [inPool('gpu'), inPool('cpu')]
    const pools = await db.createTable('pools', { n: t.int() }).addComputedColumn('a', (row) => gpu(row.n).add(1))
    expect((await columnOf('pools', 'a')).pool).toBe('gpu')
    await expect(pools.addComputedColumn('b', (row) => gpu(cpu(row.n)))).rejects.toThrow('calls functions of the pools gpu and cpu')
    await db.dropTable('pools')
  })

  test('media that are read by content get one hidden column, for as long as something reads them', async () => {
    const size = udf({ name: 'size', input: [t.file()], output: t.int() }, async (file) => (await file.bytes()).length)
    const files = await db
      .createTable('files', { file: t.file() })
      .addComputedColumn('size', (row) => size(row.file))
      .addComputedColumn('again', (row) => size(row.file).add(1))
    expect(await columnOf('files', 'file$media')).toMatchObject({ kind: 'media', version: 1 })
    await files.insert([{ file: new TextEncoder().encode('five!') }])
    await db.settled()
    expect(await files.select((row) => ({ size: row.size, again: row.again })).execute()).toEqual([{ size: 5, again: 6 }])
    const smaller = await files.dropColumn('again')
    expect(await columnOf('files', 'file$media')).toMatchObject({ kind: 'media' })
    await smaller.dropColumn('size')
    expect(await columnOf('files', 'file$media')).toBe(undefined)
  })

  test('an embedding index is a hidden column that queries read', async () => {
    const letters = udf({ name: 'letters', input: [t.text()], output: t.vector(3) }, (text) => ['a', 'b', 'c'].map((letter) => text.split(letter).length - 1))
    const model = embeddingModel({ name: 'letters', embed: letters })
    const posts = await db.createTable('posts', { body: t.text() }).addEmbeddingIndex('body', model)
    await db.createTable('posts', { body: t.text() }).addEmbeddingIndex('body', model)
    await posts.insert([{ body: 'aaa' }, { body: 'bbb' }, { body: 'abc' }])
    await db.settled()
    const nearest = await posts
      .orderBy((post) => post.body.similarity('ab'), 'desc')
      .limit(2)
      .select((post) => ({ body: post.body }))
      .execute()
    expect(nearest[0]).toEqual({ body: 'abc' })
    expect(await columnOf('posts', 'body$embedding')).toMatchObject({ kind: 'embedding' })
    const other = db.createTable('posts', { body: t.text() }).addEmbeddingIndex('body', model, { metric: 'l2' })
    await expect(other).rejects.toEqual(code('COLUMN_DIFFERS'))
    const two = await posts.addEmbeddingIndex('body', model, { name: 'second', metric: 'l2' })
    expect((await (await db.table('posts')).lineage()).find(({ column }) => column === 'body')).toMatchObject({
      readBy: ['body$embedding', 'second$embedding'],
    })
    await two.dropEmbeddingIndex('second')
    await expect(two.dropEmbeddingIndex('second')).rejects.toEqual(code('COLUMN_NOT_FOUND'))
    await posts.renameColumn('body', 'text')
    const renamed = db.table(table('posts', { text: t.text() }).embeddingIndex('text', model))
    expect(
      await renamed
        .orderBy((post) => post.text.similarity('b'), 'desc')
        .limit(1)
        .select((post) => ({ text: post.text }))
        .execute(),
    ).toEqual([{ text: 'bbb' }])
  })
})

interface Loose extends PromiseLike<unknown> {
  addComputedColumn(name: string, value: (row: Readonly<Record<string, { add(other: unknown): unknown }>>) => unknown): Loose
}

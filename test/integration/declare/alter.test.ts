import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database, t, table, udf } from 'vivant'
import { describeEngines, type TestDatabase } from '../../engines.ts'

const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown

const plus = (name: string, add: number) => udf({ name, input: [t.int()], output: t.int(), version: `${add}` }, (n) => n + add)
const one = plus('one', 1)
const length = udf({ name: 'length', input: [t.text()], output: t.int() }, (text) => text.length)

describeEngines('changing tables', (engine) => {
  let database: TestDatabase
  let db: Database
  beforeAll(async () => {
    database = await engine.database()
    db = await connect(database.target, { worker: true })
  })
  afterAll(async () => {
    await db.close()
    await database[Symbol.asyncDispose]()
  })

  const run = async <R = Record<string, unknown>>(statement: string): Promise<readonly R[]> =>
    (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
  const kindOf = async (tableName: string, column: string) =>
    (
      await run<{ kind: string }>(
        `select kind from vivant."column" where name = '${column}' and table_id = (select id from vivant."table" where name = '${tableName}')`,
      )
    )[0]?.kind

  test('a computed column is replaced, also by a virtual one and by one of another type, and what reads it follows', async () => {
    const things = await db
      .createTable('replaced', { n: t.int(), other: t.int() })
      .addComputedColumn('a', (row) => one(row.n))
      .addComputedColumn('b', (row) => one(row.a))
    await things.insert([{ n: 1, other: 100 }])
    await db.settled()
    const rows = async () => (await run<{ a: unknown; b: unknown; _status: unknown }>('select a, b, _status from live.replaced'))[0]
    expect(await rows()).toEqual({ a: 2, b: 3, _status: {} })

    const asVirtual = await things.replaceComputedColumn('a', (row) => row.other.cast(t.int()))
    await db.settled()
    expect(await kindOf('replaced', 'a')).toBe('virtual')
    expect(await rows()).toEqual({ a: 100, b: 101, _status: {} })
    // the capture follows: `other` is an input of b now
    await run('update replaced set other = 200')
    await db.settled()
    expect(await rows()).toEqual({ a: 200, b: 201, _status: {} })

    const otherVirtual = await asVirtual.replaceComputedColumn('a', (row) => row.n.mul(10).cast(t.int()))
    await db.settled()
    expect(await rows()).toMatchObject({ b: 11 })

    const stored = await otherVirtual.replaceComputedColumn('a', (row) => one(row.other))
    await db.settled()
    expect(await kindOf('replaced', 'a')).toBe('computed')
    expect(await rows()).toEqual({ a: 201, b: 202, _status: {} })
    await run('update replaced set other = 300')
    await db.settled()
    expect(await rows()).toEqual({ a: 301, b: 302, _status: {} })

    const shout = udf({ name: 'shout', input: [t.int()], output: t.text() }, (n) => `${n}!`)
    await expect(stored.replaceComputedColumn('a', (row) => shout(row.n))).rejects.toThrow('because it is read: b → a')
    const text = await stored.replaceComputedColumn('b', (row) => shout(row.a))
    await db.settled()
    expect(
      await text
        .ready()
        .select((row) => ({ b: row.b }))
        .execute(),
    ).toEqual([{ b: '301!' }])
    await expect(things.replaceComputedColumn('a', (row) => one(row.b))).rejects.toThrow()
    expect(
      await run(`select relname from pg_class where relnamespace = 'vivant_data'::regnamespace and relkind = 'r' and relname ~ '^cell_' order by 1`),
    ).toHaveLength(2)
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('a column that would read itself is a cycle', async () => {
    const things = await db
      .createTable('cycle', { n: t.int() })
      .addComputedColumn('a', (row) => one(row.n))
      .addComputedColumn('b', (row) => one(row.a))
    await expect(things.replaceComputedColumn('a', (row) => one(row.b))).rejects.toThrow(/need each other: .*a → b → a|b → a → b/)
  })

  test('a column that is needed is not dropped, and the paths are named', async () => {
    const things = await db
      .createTable('needed', { n: t.int(), free: t.int().nullable() }, { index: [['n', 'free']] })
      .addComputedColumn('a', (row) => one(row.n))
      .addComputedColumn('b', (row) => row.a.add(1))
      .addComputedColumn('c', (row) => one(row.a), { when: (row) => row.b.gt(0) })
    await expect(things.dropColumn('n')).rejects.toThrow('"needed.n" is needed: c → a → n, c → b → a → n')
    await expect(things.dropColumn('nothing' as never)).rejects.toEqual(code('COLUMN_NOT_FOUND'))
    const less = await things.dropColumn('c').dropColumn('b').dropColumn('a').dropColumn('free')
    await less.insert([{ n: 1 }])
    expect(await less.execute()).toEqual([{ _id: 1, n: 1 }])
    expect(await run('select * from live.needed')).toEqual([{ _id: 1, _status: {}, n: 1 }])
    await db.createTable('needed', { n: t.int() })
    await run('create view user_view as select n from needed')
    await expect(less.dropColumn('n')).rejects.toThrow(/other objects of the database depend on it: .*user_view/)
    const keyed = await db.createTable('keyed', { id: t.int().primaryKey(), n: t.int() })
    await expect(keyed.dropColumn('id')).rejects.toThrow('is the identity of the rows')
  })

  test('columns are renamed, and what reads them goes on', async () => {
    const things = await db
      .createTable(
        'renamed',
        {
          n: t
            .int()
            .check((n) => n.gt(0))
            .unique(),
          title: t.text(),
        },
        { index: [['title', 'n']] },
      )
      .addComputedColumn('a', (row) => one(row.n), { when: (row) => row.n.gt(1) })
      .addComputedColumn('v', (row) => row.a.add(row.n))
    await db.createTable('refers', { to: t.int().references(things, { column: 'n' }) })
    const renamed = await things.renameColumn('n', 'v 2').renameColumn('a', 'b').renameColumn('v', 'n')
    await renamed.insert([{ 'v 2': 5, title: 'x' }])
    await db.settled()
    expect(await renamed.execute()).toEqual([{ _id: 1, 'v 2': 5, title: 'x', b: 6, n: 11 }])
    await run('update renamed set "v 2" = 7')
    expect((await db.settled()).ran).toBe(1)
    expect(await run('select b, n, _status from live.renamed')).toEqual([{ b: 8, n: 15, _status: {} }])
    // the same, declared under the new names
    await db
      .createTable(
        'renamed',
        {
          'v 2': t
            .int()
            .check((n) => n.gt(0))
            .unique(),
          title: t.text(),
        },
        { index: [['title', 'v 2']] },
      )
      .addComputedColumn('b', (row) => one(row['v 2']), { when: (row) => row['v 2'].gt(1) })
      .addComputedColumn('n', (row) => row.b.add(row['v 2']))
    await db.createTable('refers', { to: t.int().references('renamed', { column: 'v 2' }) })
    await expect(renamed.renameColumn('n', 'title' as never)).rejects.toEqual(code('COLUMN_EXISTS'))
    await expect(renamed.renameColumn('n', '_x' as never)).rejects.toEqual(code('NAME_INVALID'))
  })

  test('stored columns are added, and altered where nothing computed reads them', async () => {
    const things = await db.createTable('altered', { n: t.int() })
    await things.insert([{ n: 1 }, { n: 20 }])
    await expect(things.addColumn('required', t.text())).rejects.toEqual(code('CONSTRAINT_VIOLATED'))
    const more = await things.addColumn('word', t.text().default('none')).addColumn('maybe', t.float().nullable())
    await things.addColumn('word', t.text().default('none'))
    await expect(things.addColumn('word', t.text())).rejects.toThrow('is text default "none", declared is text: use alterColumn')
    expect(await more.execute()).toEqual([
      { _id: 1, n: 1, word: 'none', maybe: null },
      { _id: 2, n: 20, word: 'none', maybe: null },
    ])
    const read = await more.addComputedColumn('length', (row) => length(row.word))
    await db.settled()
    expect(
      await read
        .ready()
        .select((row) => ({ length: row.length }))
        .execute(),
    ).toEqual([{ length: 4 }, { length: 4 }])

    const text = await read.alterColumn('n', t.text().min(1))
    expect(await text.select((row) => ({ n: row.n })).execute()).toEqual([{ n: '1' }, { n: '20' }])
    await expect(text.alterColumn('n', t.text().min(2))).rejects.toEqual(code('CONSTRAINT_VIOLATED'))
    await text.where((row) => row.n.eq('1')).update({ n: 'x' })
    await expect(text.alterColumn('n', t.int())).rejects.toEqual(code('VALUE_INVALID'))
    await expect(text.alterColumn('word', t.int())).rejects.toThrow('because it is read: length → word')
    // rules may change where a type may not
    const ruled = await text.alterColumn('word', t.text().default('other').max(10).nullable())
    await ruled.insert([{ n: 'y' }])
    await expect(run(`insert into altered (n, word) values ('z', 'far too long a word')`)).rejects.toMatchObject({ code: '23514' })
    const unique = await ruled.alterColumn('n', t.text().unique())
    await expect(unique.insert([{ n: 'y' }])).rejects.toEqual(code('CONSTRAINT_VIOLATED'))
    await unique.alterColumn('n', t.text())
    await unique.insert([{ n: 'y' }])
    await db.settled()
    expect(await run('select n, word, length, _status from live.altered order by _id')).toEqual([
      { n: 'x', word: 'none', length: 4, _status: {} },
      { n: '20', word: 'none', length: 4, _status: {} },
      { n: 'y', word: 'other', length: 5, _status: {} },
      { n: 'y', word: 'other', length: 5, _status: {} },
    ])
    await db.createTable('altered', { n: t.text(), word: t.text().default('other').max(10).nullable(), maybe: t.float().nullable() })
  })

  test('indexes serve stored, computed and virtual columns, and lie on one table', async () => {
    const things = await db
      .createTable('indexed', { n: t.int(), title: t.text(), point: t.vector(2).nullable() })
      .addComputedColumn('a', (row) => one(row.n))
      .addComputedColumn('v', (row) => row.n.mul(2))
      .addComputedColumn('w', (row) => row.a.add(1))
      .addComputedColumn('both', (row) => row.a.add(row.n))
    const add = () =>
      things
        .addIndex('title')
        .addIndex(['n', 'v', '_id' as never].slice(0, 2) as ['n', 'v'])
        .addIndex('a')
        .addIndex('w')
        .addIndex('title', { unique: true, name: 'my own' })
    await add()
    await add()
    const names = await run<{ indexname: string; tablename: string }>(
      `select regexp_replace(tablename, '[0-9]+', '#') as tablename, indexname from pg_indexes where indexname ~ '^indexed_.*idx$|my own' order by 2`,
    )
    expect(names).toEqual([
      { tablename: 'cell_#', indexname: 'indexed_a_idx' },
      { tablename: 'indexed', indexname: 'indexed_n_v_idx' },
      { tablename: 'indexed', indexname: 'indexed_title_idx' },
      { tablename: 'cell_#', indexname: 'indexed_w_idx' },
      { tablename: 'indexed', indexname: 'my own' },
    ])
    await expect(things.addIndex('both')).rejects.toThrow('they lie in several tables')
    await expect(things.addIndex(['n', 'a'])).rejects.toEqual(code('NOT_INDEXABLE'))
    await expect(things.addIndex('a', { unique: true })).rejects.toThrow('a computed column cannot be unique')
    await expect(things.addIndex('n', { name: 'my own' })).rejects.toEqual(code('NAME_TAKEN'))
    await things.insert([
      { n: 1, title: 'x' },
      { n: 1, title: 'y' },
    ])
    await expect(things.addIndex('n', { unique: true, name: 'unique n' })).rejects.toEqual(code('CONSTRAINT_VIOLATED'))
    await things
      .addIndex('title', { ordered: true })
      .dropColumn('a' as never)
      .then(
        () => expect.unreachable(),
        () => {},
      )
    await run(`insert into indexed (n, title) select 1000 + i, 't' || i from generate_series(1, 5000) i`)
    await db.settled()
    await run('analyze indexed')
    const uses = async (query: { explain(): Promise<{ readonly lines: readonly string[] }> }) => (await query.explain()).lines.join('\n')
    expect(await uses(things.where((row) => row.title.eq('t77')))).toMatch(/indexed_title_idx|my own/)
    expect(await uses(things.orderBy((row) => row.title).limit(3))).toContain('indexed_title_ordered_idx')
    expect(await uses(things.where((row) => row.a.eq(77)))).toContain('indexed_a_idx')
    expect(await uses(things.where((row) => row.n.eq(1077)).where((row) => row.v.eq(2154)))).toContain('indexed_n_v_idx')
    expect(await uses(things.where((row) => row.w.eq(77)))).toContain('indexed_w_idx')
  })

  test.runIf(engine.name === 'server')('definitions and handles stay usable while others change the table', async () => {
    const definition = table('shared', { n: t.int(), gone: t.int().nullable() }).computed('a', (row) => one(row.n))
    await using other = await connect(database.target, { worker: false, define: { shared: definition } })
    const here = db.table(definition)
    await here.insert([{ n: 1 }])
    await other.shared.dropColumn('gone')
    await here.insert([{ n: 2 }])
    await db.settled()
    expect(
      await here
        .select((row) => ({ a: row.a }))
        .orderBy((row) => row._id)
        .execute(),
    ).toEqual([{ a: 2 }, { a: 3 }])
    await expect(here.select((row) => ({ gone: row.gone })).execute()).rejects.toEqual(code('COLUMN_NOT_FOUND'))
  })
})

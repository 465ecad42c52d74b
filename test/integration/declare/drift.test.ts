import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, t, table, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { UserSession } from '../../support/user-session.ts'

const double = udf({ name: 'double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)

async function run<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}

const things = () =>
  table('things', { n: t.int(), word: t.text().nullable() })
    .computed('twice', (row) => double(row.n))
    .computed('next', (row) => row.twice.add(1))

describeEngines('what users do by SQL', (engine) => {
  test('renamed and new columns are followed by the next connection, and no statement fails meanwhile', async () => {
    await using database = await engine.database({ folder: true })
    {
      await using db = await connect(database.target, { define: { things: things() }, worker: true })
      await db.things.insert([{ n: 1 }])
      await db.settled()
      await run(db, 'alter table things rename column n to number')
      await run(db, 'alter table things add column added text[] default array[$$x$$]::text[]')
      await run(db, `alter table things add column exotic point`)
      await run(db, 'insert into things (number) values (2)')
      await run(db, 'update things set number = 10 where number = 1')
    }
    await using db = await connect(database.target, { worker: true, modules: [{ double }] })
    await db.settled()
    expect(await run(db, 'select number, added, twice, next, _status from live.things order by _id')).toEqual([
      { number: 10, added: ['x'], twice: 20, next: 21, _status: {} },
      { number: 2, added: ['x'], twice: 4, next: 5, _status: {} },
    ])
    const followed = table('things', { number: t.int(), word: t.text().nullable() })
      .computed('twice', (row) => double(row.number))
      .computed('next', (row) => row.twice.add(1))
    // what was added by SQL is the user's alone, until it is declared
    expect(await db.plan({ followed })).toMatchObject({ created: [], altered: [], dropped: [], recomputed: [] })
    const declared = await db.createTable('things', { number: t.int(), word: t.text().nullable(), added: t.array(t.text()).nullable() })
    expect(await declared.select((row) => ({ added: row.added })).executeTakeFirst()).toEqual({ added: ['x'] })
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('names that were exchanged are followed', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    await db.createTable('swapped', { a: t.int(), b: t.int(), c: t.int() }).addComputedColumn('twice', (row) => double(row.a))
    await run(db, 'insert into swapped values (default, 1, 2, 3)')
    await run(db, 'alter table swapped rename column a to x')
    await run(db, 'alter table swapped rename column b to a')
    await run(db, 'alter table swapped rename column c to b')
    await run(db, 'alter table swapped rename column x to c')
    const swapped = await db.createTable('swapped', { c: t.int(), a: t.int(), b: t.int() }).addComputedColumn('twice', (row) => double(row.c))
    await db.settled()
    expect(await swapped.execute()).toEqual([{ _id: 1, c: 1, a: 2, b: 3, twice: 2 }])
    await run(db, 'update swapped set c = 5')
    await db.settled()
    expect(await swapped.select((row) => ({ twice: row.twice })).execute()).toEqual([{ twice: 10 }])
  })

  test('a renamed table is followed under its new name', async () => {
    await using database = await engine.database({ folder: true })
    {
      await using db = await connect(database.target, { define: { things: things() }, worker: true })
      await run(db, 'alter table things rename to objects')
      await run(db, 'insert into objects (n) values (1)')
    }
    await using db = await connect(database.target, { worker: true, modules: [{ double }] })
    await db.settled()
    expect((await db.tables()).map(({ name }) => name)).toEqual(['objects'])
    expect(await run(db, 'select n, twice from live.objects')).toEqual([{ n: 1, twice: 2 }])
  })

  test('with cascade a column takes along what is computed from it, and a table its entry', async () => {
    await using database = await engine.database({ folder: true })
    {
      await using db = await connect(database.target, {
        define: { things: things(), others: table('others', { a: t.int() }).computed('b', (row) => double(row.a)) },
        worker: true,
      })
      await db.things.insert([{ n: 1, word: 'x' }])
      await db.settled()
      await expect(run(db, 'alter table things drop column n')).rejects.toMatchObject({ code: '2BP01' })
      await run(db, 'alter table things drop column n cascade')
      await run(db, 'drop table others cascade')
      await run(db, 'insert into things (word) values ($$y$$)')
      await run(db, 'update things set word = $$z$$')
    }
    await using db = await connect(database.target, { worker: true })
    expect(await run(db, 'select word, _status from live.things')).toEqual([
      { word: 'z', _status: {} },
      { word: 'z', _status: {} },
    ])
    expect((await (await db.table('things')).lineage()).map(({ column }) => column)).toEqual(['word'])
    expect((await db.tables()).map(({ name }) => name)).toEqual(['things'])
    expect(await run(db, `select relname from pg_class where relnamespace = 'vivant_data'::regnamespace and relkind = 'r' and relname ~ '^cell'`)).toEqual([])
    // it can be made again
    await db.createTable('others', { a: t.int() })
  })

  test('a live view that is gone comes back', async () => {
    await using database = await engine.database({ folder: true })
    {
      await using db = await connect(database.target, { define: { things: things() }, worker: true })
      await db.things.insert([{ n: 1 }])
      await run(db, 'drop view live.things')
    }
    await using db = await connect(database.target, { worker: true, modules: [{ double }] })
    await db.settled()
    expect(await run(db, 'select next from live.things')).toEqual([{ next: 3 }])
  })

  test('a declaration follows before it begins, and a name that cannot be followed harms nobody else', async () => {
    await using database = await engine.database({ folder: true })
    const warnings: unknown[][] = []
    const silent = (): void => {}
    const logger = { debug: silent, info: silent, error: silent, warn: (...line: unknown[]) => void warnings.push(line) }
    {
      await using db = await connect(database.target, { define: { things: things() }, worker: false })
      await run(db, 'alter table things rename column n to number')
      const renamed = table('things', { number: t.int(), word: t.text().nullable() })
      await db.table(renamed).addComputedColumn('again', (row) => double(row.number))
      await run(db, 'alter table things rename column word to again')
      await db.createTable('others', { a: t.int() }).then((others) => others.insert([{ a: 1 }]))
    }
    await using db = await connect(database.target, { worker: true, logger, modules: [{ double }] })
    expect(warnings[0]).toEqual([
      'A table does not follow a change of its schema; workers try again.',
      expect.objectContaining({ error: expect.stringContaining('was renamed to "again" by SQL') as string }),
    ])
    const others = await db.createTable('others', { a: t.int() }).addComputedColumn('b', (row) => double(row.a))
    await db.settled({ tables: ['others'] })
    expect(await others.select((row) => ({ b: row.b })).execute()).toEqual([{ b: 2 }])
    await run(db, 'alter table things rename column again to word')
    await db.table('things').then((found) => found.insert([{ number: 4 }]))
    await db.settled()
    expect(await run(db, 'select number, word, again from live.things')).toEqual([{ number: 4, word: null, again: 8 }])
  })

  test.runIf(engine.name === 'server')('a writer that renames what a waiting declaration reads', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { things: things() }, worker: true })
    await db.things.insert([{ n: 1 }])
    await db.settled()
    await using user = await UserSession.open(database.target)
    await user.run('begin')
    await user.run('insert into things (n) values (2)')
    const replacing = db.things.replaceComputedColumn('twice', (row) => double(double(row.n)))
    await pollUntil('the replacement waits', async () => (await db.status()).declarations.length > 0)
    await user.run('alter table things rename column n to number')
    await user.run('commit')
    await Promise.allSettled([replacing])
    // whoever comes next goes on with it
    await db
      .table('things')
      .then((found) => found.addComputedColumn('more' as never, (row) => (row as unknown as { number: { add(n: number): never } }).number.add(1)))
    await db.settled()
    expect(await run(db, 'select number, twice, next, more from live.things order by 1')).toEqual([
      { number: 1, twice: 4, next: 5, more: 2 },
      { number: 2, twice: 8, next: 9, more: 3 },
    ])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })
})

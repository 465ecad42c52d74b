import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, t, table, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'

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
})

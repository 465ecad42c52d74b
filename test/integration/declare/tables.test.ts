import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database, t, table } from 'vivant'
import { describeEngines, type TestDatabase } from '../../engines.ts'

const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown

describeEngines('tables', (engine) => {
  let database: TestDatabase
  let db: Database
  beforeAll(async () => {
    database = await engine.database()
    db = await connect(database.target, { worker: false })
  })
  afterAll(async () => {
    await db.close()
    await database[Symbol.asyncDispose]()
  })

  const run = async (statement: string): Promise<readonly unknown[]> => {
    const { CompiledQuery } = await import('kysely')
    return (await db.kysely.executeQuery(CompiledQuery.raw(statement))).rows
  }

  test('creating what is there gives its handle, with its rows', async () => {
    const make = () =>
      db.createTable('twice', { title: t.text().min(1), year: t.int().default(2000), kind: t.enum('a', 'b').nullable() }, { index: [['title', 'year']] })
    await (await make()).insert([{ title: 'x' }])
    expect(await (await make()).select((row) => ({ title: row.title, year: row.year })).execute()).toEqual([{ title: 'x', year: 2000 }])
    await Promise.all([make(), make()])
  })

  test('inside a transaction a table is given by its definition, its handle or its name', async () => {
    const definition = table('told', { n: t.int(), title: t.text().nullable() }).computed('next', (row) => row.n.add(1))
    await db.createTable('told', { n: t.int(), title: t.text().nullable() }).addComputedColumn('next', (row) => row.n.add(1))
    const rows = await db.transaction(async (tx) => {
      await tx.table(definition).insert([{ n: 1 }])
      await tx.table(db.table(definition)).insert([{ n: 2 }])
      const byName = await tx.table('told')
      await byName.insert([{ n: 3, title: 'three' }])
      await expect(tx.table('nowhere')).rejects.toEqual(code('TABLE_NOT_FOUND'))
      return byName.select((row) => ({ n: row['n']!, next: row['next']! })).execute()
    })
    expect(rows).toEqual([1, 2, 3].map((n) => ({ n, next: n + 1 })))
    const undone = db.transaction(async (tx) => {
      await (await tx.table('told')).where((row) => row['n']!.isNull().not()).delete()
      throw new Error('changed my mind')
    })
    await expect(undone).rejects.toThrow('changed my mind')
    expect(await db.table(definition).count()).toBe(3)
  })

  test('a different declaration is refused, and says what differs', async () => {
    await db.createTable('videos', { title: t.text(), year: t.int().nullable(), kept: t.text() })
    const error = await db.createTable('videos', { title: t.text().unique(), year: t.text(), added: t.float() }, { index: [['title']] }).then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    )
    expect(error).toEqual(code('TABLE_DIFFERS'))
    expect(error.message).toBe(
      "the table 'videos' is not as it is declared: 'title' is text, declared is text unique; 'year' is int nullable, declared is text; 'kept' (text) is there and not declared; 'added' is declared and not there; indexes is [], declared is [[\"title\"]]",
    )
    await expect(db.createTable('videos', { title: t.text() }, {}, { ifExists: 'error' })).rejects.toEqual(code('TABLE_EXISTS'))
  })

  test('replace drops the table and makes it anew', async () => {
    const before = await db.createTable('replaced', { a: t.int() }).addComputedColumn('b', (row) => row.a.add(1))
    await before.insert([{ a: 1 }])
    const after = await db.createTable('replaced', { c: t.text() }, {}, { ifExists: 'replace' })
    expect(await after.count()).toBe(0)
    expect(await run("select column_name from information_schema.columns where table_schema = 'live' and table_name = 'replaced' order by 1")).toEqual([
      { column_name: '_id' },
      { column_name: '_status' },
      { column_name: 'c' },
    ])
  })

  test('a table that Vivant did not make is not taken', async () => {
    await run('create table foreign_one (a int)')
    await expect(db.createTable('foreign_one', { a: t.int() })).rejects.toThrow(/that Vivant did not make/)
    await expect(db.createTable('foreign_one', { a: t.int() }, {}, { ifExists: 'replace' })).rejects.toEqual(code('TABLE_EXISTS'))
    expect(await run('select * from foreign_one')).toEqual([])
  })

  test('a table is opened by its definition or by its name', async () => {
    const definition = table('opened', { title: t.text() })
    await db.createTable('opened', { title: t.text() }).addComputedColumn('loud', (row) => row.title.upper())
    await db.table(definition).insert([{ title: 'x' }])
    const byName = await db.table('opened')
    expect(await byName.execute()).toEqual([{ _id: 1, title: 'x', loud: 'X' }])
    await byName.where((row) => row['title']!.eq('x')).update({ title: 'y' })
    expect(await byName.select((row) => ({ loud: row['loud']! })).execute()).toEqual([{ loud: 'Y' }])
    await expect(db.table('nowhere')).rejects.toEqual(code('TABLE_NOT_FOUND'))
    expect((await db.tables()).map((one) => one.name)).toContain('opened')
  })

  test('dropping a table leaves nothing of it, and is refused while others refer to it', async () => {
    const parents = await db.createTable('parents', { name: t.text() })
    await db.createTable('children', { parent: t.int().references(parents), self: t.int().references('children').nullable() })
    await expect(db.dropTable('parents')).rejects.toThrow('"parents" is needed: children.parent → parents._id')
    await db.dropTable('children')
    await db.dropTable(parents)
    expect((await db.tables()).map((one) => one.name)).not.toContain('parents')
    expect(await run(`select to_regclass('public.parents') as t, to_regclass('live.parents') as v`)).toEqual([{ t: null, v: null }])
    await expect(db.dropTable('parents')).rejects.toEqual(code('TABLE_NOT_FOUND'))
    await db.dropTable('parents', { ifExists: true })
    expect(await run(`select count(*)::int as n from vivant.operation where kind = 'drop_cells' and ended_at is null`)).toEqual([{ n: 0 }])
  })

  test('a table is renamed with its live view and the references to it', async () => {
    await db.createTable('old name', { title: t.text() }).addComputedColumn('loud', (row) => row.title.upper(), { onError: 'null' })
    const referring = () => table('referring', { other: t.int().references('new name') })
    await db.createTable('referring', { other: t.int().references('old name') })
    await db.renameTable('old name', 'new name')
    const renamed = await db.createTable('new name', { title: t.text() })
    await renamed.insert([{ title: 'x' }])
    expect(await run('select title, loud, _status from live."new name"')).toEqual([{ title: 'x', loud: null, _status: { loud: 'pending' } }])
    await db.apply({ referring: referring() })
    await expect(db.renameTable('new name', 'referring')).rejects.toEqual(code('TABLE_EXISTS'))
    await expect(db.renameTable('new name', '_x')).rejects.toEqual(code('NAME_INVALID'))
  })

  describe('names', () => {
    const names = ['we"ird "one"', 'select', 'Größe 🦄', "it's 100 %s", 'back\\slash', 'x'.repeat(63), 'é'.repeat(31), 'with space', '1st', 'constructor']
    test.each(names)('%s is the name of a table, a column, a computed column and an index', async (name) => {
      const other = `${Array.from(name).slice(0, 7).join('')}!`
      const made = (db as unknown as LooseDatabase).createTable(name, { [name]: t.text(), n: t.int() })
      const things = await made
        .addComputedColumn(other, (row) => row[name]!.upper(), { onError: 'null' })
        .addComputedColumn(`${other}!`, (row) => row[other]!.upper())
        .addIndex([name])
        .addIndex([other])
        .renameColumn('n', 'renamed')
      await things.insert([{ [name]: 'x', renamed: 1 }])
      await things.where((row) => row['renamed']!.eq(1)).update({ [name]: 'y' })
      expect(await run(`select * from live.${quote(name)}`)).toEqual([
        { _id: 1, _status: { [other]: 'pending' }, [name]: 'y', renamed: 1, [other]: null, [`${other}!`]: null },
      ])
      await things.where((row) => row['renamed']!.eq(1)).delete()
      await things.renameColumn(other, 'third').dropColumn(`${other}!`).dropColumn('third').dropColumn('renamed')
      await db.dropTable(name)
    })
  })
})

/** Where the names of columns are known at run time only. */
interface LooseDatabase {
  createTable(name: string, columns: object): LoosePending
}
interface LooseTable extends LooseSteps {
  insert(rows: readonly object[]): Promise<unknown>
  where(condition: (row: LooseRow) => unknown): { update(change: object): Promise<unknown>; delete(): Promise<unknown> }
}
interface LoosePending extends LooseSteps, PromiseLike<LooseTable> {}
interface LooseSteps {
  addComputedColumn(name: string, value: (row: LooseRow) => unknown, options?: object): LoosePending
  addIndex(columns: readonly string[]): LoosePending
  renameColumn(name: string, newName: string): LoosePending
  dropColumn(name: string): LoosePending
}
type LooseRow = Readonly<Record<string, { upper(): unknown; eq(value: unknown): unknown }>>

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

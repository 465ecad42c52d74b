import { setTimeout as sleep } from 'node:timers/promises'
import { tableDefinition } from '@vivant/core'
import { addColumns, finishPublication, openDatabase, readTable } from '@vivant/storage'
import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, t, table, udf } from 'vivant'
import { catalogDeclaration } from '../../../packages/vivant/src/declare/declared-column.ts'
import { describeEngines } from '../../engines.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { UserSession } from '../../support/user-session.ts'

const double = udf({ name: 'double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)
const triple = udf({ name: 'triple', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 3)
const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown

async function rowsOf<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}

describeEngines('declaring while others use the table', (engine) => {
  test.runIf(engine.name === 'server')('a column waits for a transaction that writes, and is then complete', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const things = await db.createTable('things', { n: t.int() })
    await using user = await UserSession.open(database.target)
    await user.run('begin')
    await user.run('insert into things (n) values (1)')
    let isDone = false
    const declaring = things
      .addComputedColumn('twice', (row) => double(row.n))
      .then((made) => {
        isDone = true
        return made
      })
    const waiting = await pollUntil('the declaration is listed with whom it waits for', async () => {
      const [declaration] = (await db.status()).declarations
      return declaration?.waitsFor.length ? declaration : undefined
    })
    expect(waiting).toMatchObject({ table: 'things', columns: ['twice'] })
    expect(waiting.waitsFor[0]!.query).toContain('insert into things')
    // other writers do not wait meanwhile, and the writer goes on unharmed
    await things.insert([{ n: 2 }])
    await user.run('update things set n = 10 where n = 1')
    await sleep(50)
    expect(isDone).toBe(false)
    await user.run('commit')
    const made = await declaring
    await db.settled()
    expect(
      await made
        .ready()
        .orderBy((row) => row.n)
        .select((row) => ({ twice: row.twice }))
        .execute(),
    ).toEqual([{ twice: 4 }, { twice: 20 }])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test.runIf(engine.name === 'server')('after the time-out it says who is waited for, goes on by itself, and can be declared again', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const things = await db.createTable('things', { n: t.int() })
    await using user = await UserSession.open(database.target, 'the slow one')
    const pid = await user.processId()
    await user.run('begin')
    await user.run('insert into things (n) values (1)')
    await using storage = await openDatabase(database.target)
    const error = await finishPublication(storage, await firstCommit(storage), 300).then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    )
    expect(error).toEqual(code('DECLARATION_WAITS'))
    expect(error.message).toContain(`process ${pid}`)
    expect(error.message).toContain('insert into things')
    const again = things.addComputedColumn('twice', (row) => double(row.n))
    await user.run('commit')
    await again
    await db.settled()
    expect(await rowsOf(db, 'select n, twice from live.things')).toEqual([{ n: 1, twice: 2 }])
  })

  test.runIf(engine.name === 'server')('a reader delays nobody for long: columns are dropped under it, their cells later', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const things = await db
      .createTable('things', { n: t.int() })
      .addComputedColumn('twice', (row) => double(row.n))
      .addComputedColumn('thrice', (row) => triple(row.n))
    await things.insert([{ n: 1 }])
    await db.settled()
    const cell = (await rowsOf<{ name: string }>(db, `select cell_table as name from vivant."column" where name = 'twice'`))[0]!.name
    await using reader = await UserSession.open(database.target)
    await reader.run('begin')
    // a reader of the cells alone: it holds no lock on the view
    await reader.run(`select * from vivant_data.${cell}`)
    const less = await things.dropColumn('twice')
    expect(await rowsOf(db, 'select n, thrice from live.things')).toEqual([{ n: 1, thrice: 3 }])
    const stands = async (): Promise<boolean> =>
      (await rowsOf<{ found: boolean }>(db, `select to_regclass('vivant_data.${cell}') is not null as found`))[0]!.found
    expect(await stands()).toBe(true)
    await less.insert([{ n: 2 }])
    await db.settled()
    await reader.run('commit')
    // whoever changes the schema next, connects next, or does upkeep drops it
    await less.renameColumn('thrice', 'triple').dropColumn('triple')
    expect(await stands()).toBe(false)
  })

  test.runIf(engine.name === 'server')('a reader of the live view is waited for by a rename, and other readers pass meanwhile', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const things = await db.createTable('things', { n: t.int() }).addComputedColumn('twice', (row) => double(row.n))
    await using reader = await UserSession.open(database.target)
    await reader.run('begin')
    await reader.run('select * from live.things')
    const renaming = things.renameColumn('twice', 'doubled').then(() => performance.now())
    const slowest = await slowestRead(database.target, 700)
    const released = performance.now()
    await reader.run('commit')
    expect(await renaming).toBeGreaterThan(released)
    // an attempt waits 200 ms at most, and everybody behind it as long
    expect(slowest).toBeLessThan(600)
    expect(await rowsOf(db, 'select n, doubled from live.things')).toEqual([])
  })

  test('a process that died between the two commits leaves a column that the next connection publishes', async () => {
    await using database = await engine.database({ folder: true })
    await dieAfterFirstCommit(database.target)
    {
      await using db = await connect(database.target, { worker: false })
      expect(await rowsOf(db, `select state from vivant."column" where name = 'twice'`)).toEqual([{ state: 'declaring' }])
      expect(await rowsOf(db, 'select n, twice from live.things')).toEqual([{ n: 1, twice: null }])
      // an operation whose holders nobody has read may be another process's, for two seconds
      await rowsOf(db, `update vivant.operation set started_at = now() - interval '1 minute'`)
    }
    await using db = await connect(database.target, { worker: true, modules: [{ double }] })
    await db.settled()
    expect(await rowsOf(db, 'select n, twice from live.things')).toEqual([{ n: 1, twice: 2 }])
  })

  test('a declaration that was left half done is finished by declaring it again', async () => {
    await using database = await engine.database({ folder: true })
    await dieAfterFirstCommit(database.target)
    await using db = await connect(database.target, { worker: true })
    const things = await db
      .createTable('things', { n: t.int() })
      .addComputedColumn('twice', (row) => double(row.n))
      .addComputedColumn('four', (row) => double(row.twice))
    await db.settled()
    expect(await things.execute()).toEqual([{ _id: 1, n: 1, twice: 2, four: 4 }])
  })
})

/** A table with a row, and what a process does up to its first commit of a declaration. */
async function dieAfterFirstCommit(target: string): Promise<void> {
  {
    await using db = await connect(target, { worker: false })
    await db.createTable('things', { n: t.int() }).then((things) => things.insert([{ n: 1 }]))
  }
  await using storage = await openDatabase(target)
  await firstCommit(storage)
}

async function firstCommit(storage: Awaited<ReturnType<typeof openDatabase>>): Promise<number> {
  const model = (await readTable(storage, { schemaName: 'public', name: 'things' }))!
  const [column] = tableDefinition(table('things', { n: t.int() }).computed('twice', (row) => double(row.n))).computed
  return addColumns(storage, model.id, [catalogDeclaration(model, { kind: 'computed', column: column! })], 5000)
}

/** The longest that reading the view took, in milliseconds, over a while. */
async function slowestRead(target: string, forMs: number): Promise<number> {
  await using other = await UserSession.open(target)
  let slowest = 0
  for (const until = performance.now() + forMs; performance.now() < until;) {
    const began = performance.now()
    await other.run('select * from live.things')
    slowest = Math.max(slowest, performance.now() - began)
  }
  return slowest
}

import { type Database, followTable, repairDrift } from '@vivant/storage'
import { t, udf } from '@vivant/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { findUncovered } from '../../support/check-coverage.ts'
import { startHistoryWorker } from '../../support/history/history-worker.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { StepWorker } from '../../support/step-worker.ts'
import { computed, createIntTable, openSystem, type TestTable } from '../../support/test-table.ts'
import { FunctionLibrary } from '../../support/function-library.ts'

const f = udf({ name: 'f', input: [t.int()], output: t.int() }, (x) => x * 10)
const g = udf({ name: 'g', input: [t.int(), t.int()], output: t.int() }, (y, a) => y + a)
const functions = new FunctionLibrary(f, g)

/** What a statement left behind: tasks as `pool kind ids`, revisions as `id column`. */
interface Captured {
  readonly tasks: readonly string[]
  readonly revisions: readonly string[]
}

describeEngines('capture', (engine) => {
  let database: Database
  let table: TestTable
  let tables = 0
  beforeAll(async () => {
    database = await openSystem((await engine.database()).target)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  // a = f(x), b = g(y, a); in another pool q = f(y), and r = f(a), which begins when a is there. Nothing reads z.
  beforeEach(async () => {
    table = await createIntTable(database, `captured_${++tables}`, ['x', 'y', 'z'])
    await table.add(
      computed('a', (r) => f(r['x']!)),
      computed('b', (r) => g(r['y']!, r['a']!)),
      computed('q', (r) => f(r['y']!), { pool: 'second' }),
      computed('r', (r) => f(r['a']!), { pool: 'second' }),
    )
    await database.query(`insert into ${table.name} (x, y, z) values (1, 1, 1), (2, 2, 2), (3, 3, 3)`)
    await settle()
  })

  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) for (const pool of ['default', 'second']) await new StepWorker(database, functions, pool).finishAll()
  }
  const capture = async (...statements: readonly string[]): Promise<Captured> => {
    const { rows: before } = await database.query<{ last: number; task: number }>(
      'select last_value as last, (select coalesce(max(id), 0) from vivant.task) as task from vivant.seq',
    )
    for (const statement of statements) await database.query(statement.replaceAll('$t', table.name))
    const { rows: tasks } = await database.query<{ pool: string; kind: string; ids: readonly number[] }>({
      text: 'select pool, kind, ids from vivant.task where table_id = $1 and id > $2 order by pool, kind, ids',
      values: [table.id, before[0]!.task],
    })
    const { rows: revisions } = await database.query<{ id: number; name: string | null }>({
      text: `select r._id as id, c.name from vivant_data.rev_${table.id} r left join vivant."column" c on c.table_id = $1 and c.attnum = r.attnum
        where r.rev > $2 order by r._id, c.name`,
      values: [table.id, before[0]!.last],
    })
    const uncovered = await findUncovered(database, table.id)
    expect(uncovered).toEqual([])
    return {
      tasks: tasks.map(({ pool, kind, ids }) => `${pool} ${kind} ${ids.map(Number).join(',')}`),
      revisions: revisions.map(({ id, name }) => `${id} ${name ?? 'row'}`),
    }
  }
  const atRest = async (column: string): Promise<Readonly<Record<string, unknown>>> => {
    await settle()
    return Object.fromEntries([...(await table.cells(column))].map(([id, cell]) => [id, cell.value]))
  }
  const fresh = (ids: string): readonly string[] => [`default fresh ${ids}`, `second fresh ${ids}`]

  test('an insert makes a task in every pool that can begin, and no revision', async () => {
    expect(await capture('insert into $t (x) values (7), (8)')).toEqual({ tasks: fresh('4,5'), revisions: [] })
    expect(await capture('insert into $t (x) select i from generate_series(1, 3) i')).toEqual({ tasks: fresh('6,7,8'), revisions: [] })
  })

  test('an insert of many rows makes tasks of a thousand', async () => {
    const { tasks } = await capture('insert into $t (x) select i from generate_series(1, 2500) i')
    expect(tasks.map((task) => task.split(',').length).toSorted((left, right) => left - right)).toEqual([500, 500, 1000, 1000, 1000, 1000])
  })

  test('an update makes revisions of the inputs that changed, and tasks in the pools that read them', async () => {
    expect(await capture('update $t set x = 9 where _id = 1')).toEqual({ tasks: ['default fresh 1'], revisions: ['1 x'] })
    expect(await capture('update $t set y = 9 where _id <= 2')).toEqual({ tasks: fresh('1,2'), revisions: ['1 y', '2 y'] })
    expect(await capture('update $t set x = _id, y = 9')).toEqual({ tasks: ['default fresh 1,3', 'second fresh 3'], revisions: ['1 x', '3 y'] })
  })

  test('an update that changes nothing that is read leaves nothing', async () => {
    for (const statement of ['update $t set x = x', 'update $t set z = 5', 'update $t set x = 1 where false', 'update $t set x = null where _id = 99'])
      expect(await capture(statement)).toEqual({ tasks: [], revisions: [] })
  })

  test('a change to null and from null is a change', async () => {
    expect(await capture('update $t set x = null where _id = 1')).toEqual({ tasks: ['default fresh 1'], revisions: ['1 x'] })
    expect(await capture('update $t set x = null where _id = 1')).toEqual({ tasks: [], revisions: [] })
    expect(await capture('update $t set x = 0 where _id = 1')).toEqual({ tasks: ['default fresh 1'], revisions: ['1 x'] })
  })

  test('an upsert is captured as what it did', async () => {
    const upsert = (id: number, action: string): string => `insert into $t (_id, x) overriding system value values (${id}, 50) on conflict (_id) do ${action}`
    expect(await capture(upsert(1, 'update set x = excluded.x'))).toEqual({ tasks: ['default fresh 1'], revisions: ['1 x'] })
    expect(await capture(upsert(2, 'nothing'))).toEqual({ tasks: [], revisions: [] })
    expect(await capture(upsert(3, 'update set x = excluded.x where false'))).toEqual({ tasks: [], revisions: [] })
    expect(await capture(upsert(40, 'update set x = excluded.x'))).toEqual({ tasks: fresh('40'), revisions: [] })
  })

  test('a merge is captured as the deletes, updates and inserts that it did', async () => {
    const merge = `merge into $t t using (values (1), (2), (9)) v(id) on t._id = v.id
      when matched and t._id = 1 then delete when matched then update set x = 77 when not matched then insert (x) values (v.id)`
    expect(await capture(merge)).toEqual({ tasks: ['default fresh 2', 'default fresh 4', 'second fresh 4', 'system sweep 1'], revisions: ['1 row', '2 x'] })
  })

  test('writable parts of one statement are captured together', async () => {
    const statement = `with one as (insert into $t (x) values (1) returning _id), two as (insert into $t (x) values (2) returning _id), three as (update $t set x = 70 where _id = 1)
      update $t set x = 71 where _id in (1, 2)`
    const { tasks, revisions } = await capture(statement)
    expect(tasks).toEqual(['default fresh 1,2', ...fresh('4,5')].toSorted())
    expect(revisions).toEqual(['1 x', '2 x'])
  })

  test('a delete leaves a tombstone and a sweep, and the cells go', async () => {
    expect(await capture('delete from $t where _id >= 2')).toEqual({ tasks: ['system sweep 2,3'], revisions: ['2 row', '3 row'] })
    expect(await atRest('a')).toEqual({ 1: 10 })
  })

  test('the cells of a deleted row go although several inputs were changed before', async () => {
    await capture('update $t set x = 5, y = 6', 'update $t set y = 7')
    await settle()
    await database.query(`insert into ${table.name} (x, y) select 1, 1 from generate_series(1, 20)`)
    await settle()
    await capture('delete from $t where _id <= 3')
    await settle()
    for (const column of ['a', 'b', 'q', 'r']) expect([...(await table.cells(column)).keys()].filter((id) => id <= 3)).toEqual([])
  })

  test('an id that comes back is computed anew', async () => {
    await capture('delete from $t where _id = 2')
    expect(await capture('insert into $t (_id, x, y) overriding system value values (2, 5, 5)')).toEqual({ tasks: fresh('2'), revisions: [] })
    expect(await atRest('a')).toEqual({ 1: 10, 2: 50, 3: 30 })
    expect(await atRest('r')).toEqual({ 1: 100, 2: 500, 3: 300 })
  })

  test('an id that changes is the end of one row and the beginning of another', async () => {
    expect(await capture('update $t set _id = default where _id = 1')).toEqual({ tasks: [...fresh('4'), 'system sweep 1'], revisions: ['1 row'] })
    expect(await atRest('a')).toEqual({ 2: 20, 3: 30, 4: 10 })
  })

  test('truncate empties the cells, and what is inserted afterwards under the old ids is computed', async () => {
    expect(await capture('truncate $t restart identity')).toEqual({ tasks: [], revisions: [] })
    expect(await atRest('a')).toEqual({})
    expect(await capture('insert into $t (x, y) values (4, 4)')).toEqual({ tasks: fresh('1'), revisions: [] })
    expect(await atRest('r')).toEqual({ 1: 400 })
  })

  test('a worker that loaded before a truncate writes nothing', async () => {
    await database.query(`update ${table.name} set x = 8`)
    const chunk = await new StepWorker(database, functions).prepare()
    await database.query(`truncate ${table.name} restart identity`)
    expect((await chunk.commit()).accepted).toBe(false)
    await database.query(`insert into ${table.name} (x, y) values (4, 4)`)
    expect(await atRest('a')).toEqual({ 1: 40 })
  })

  test('what is rolled back leaves nothing', async () => {
    expect(await capture('begin; insert into $t (x) values (1); savepoint s; update $t set x = 3; rollback to s; delete from $t; rollback')).toEqual({
      tasks: [],
      revisions: [],
    })
    expect(await capture('begin; savepoint s; update $t set x = 30; rollback to s; update $t set x = 31 where _id = 1; commit')).toEqual({
      tasks: ['default fresh 1'],
      revisions: ['1 x'],
    })
  })

  test('copy is captured as an insert', async () => {
    if (engine.name === 'embedded') return
    expect(await capture(`copy $t (x, y) from program 'printf "5\\t5\\n6\\t6\\n"'`)).toEqual({ tasks: fresh('4,5'), revisions: [] })
    expect(await capture(`copy $t (_id, x) from program 'printf "70\\t5\\n"'`)).toEqual({ tasks: fresh('70'), revisions: [] })
  })

  describe('with two foreign keys to one table', () => {
    beforeEach(async () => {
      await database.query(`create table owner_${tables} (id bigint primary key)`)
      await database.query(`insert into owner_${tables} select generate_series(1, 20)`)
      await database.query(`update ${table.name} set y = x`)
      for (const column of ['x', 'y'])
        await database.query(
          `alter table ${table.name} add foreign key (${column}) references owner_${tables} on update cascade on delete ${column === 'x' ? 'set null' : 'cascade'}`,
        )
      await settle()
    })

    test('a row that one statement hits twice is captured once', async () => {
      expect(await capture(`update owner_${tables} set id = 150 where id = 2`)).toEqual({ tasks: fresh('2'), revisions: ['2 x', '2 y'] })
      expect(await atRest('b')).toEqual({ 1: 11, 2: 1650, 3: 33 })
    })

    test('the same after a rename that the trigger does not know yet', async () => {
      const { tasks } = await capture(`alter table $t rename column x to renamed`, `update owner_${tables} set id = 160 where id = 2`)
      expect(tasks).toEqual(fresh('2'))
      await repairDrift(database)
      expect(await atRest('b')).toEqual({ 1: 11, 2: 1760, 3: 33 })
    })

    test('rows that go and columns that are emptied by a foreign key are captured', async () => {
      const { tasks, revisions } = await capture(`delete from owner_${tables} where id = 3`)
      expect(tasks).toContain('system sweep 3')
      expect(revisions).toContain('3 row')
      expect(await atRest('a')).toEqual({ 1: 10, 2: 20 })
    })
  })

  test('after a rename by plain SQL no statement fails, and everything of the rows it touches is computed again', async () => {
    const { tasks, revisions } = await capture('alter table $t rename column x to title', 'update $t set title = 6 where _id = 1')
    expect({ tasks, revisions }).toEqual({ tasks: fresh('1'), revisions: ['1 x', '1 y'] })
    await repairDrift(database)
    expect(await atRest('a')).toEqual({ 1: 60, 2: 20, 3: 30 })
    expect(await capture('update $t set title = 7 where _id = 1')).toEqual({ tasks: ['default fresh 1'], revisions: ['1 title'] })
    expect(await atRest('r')).toEqual({ 1: 700, 2: 200, 3: 300 })
  })

  test('a worker that meets a renamed column follows it, also when nobody updates a row', async () => {
    await database.query(`alter table ${table.name} rename column x to title`)
    await database.query(`insert into ${table.name} (title, y) values (9, 9)`)
    const worker = await startHistoryWorker(database, functions, null)
    await pollUntil('the row is computed', async () => {
      worker.wake()
      return (await table.cells('r')).get(4)?.value === 900
    })
    await worker.stop()
    expect((await table.cells('a')).get(4)).toMatchObject({ value: 90, status: 'ok' })
  })

  test('a table without its triggers is found and armed again', async () => {
    await database.query(`drop trigger vivant_capture_update on ${table.name}`)
    expect(await capture('update $t set z = 9')).toEqual({ tasks: [], revisions: [] })
    await followTable(database, table.id)
    expect(await capture('update $t set x = 9 where _id = 1')).toEqual({ tasks: ['default fresh 1'], revisions: ['1 x'] })
  })
})

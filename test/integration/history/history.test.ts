import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect, type Database, history, t, table, udf } from 'vivant'
import { describeEngines, type TestDatabase } from '../../engines.ts'

const calls: number[] = []
const called = (): readonly number[] => calls.splice(0)

/** The running sum of a group, modulo 1000: it reads its own earlier result, so that a change runs on to the end. */
const total = udf({ name: 'total', input: [t.int(), t.array(t.record({ sum: t.int().nullable() }))], output: t.int(), version: '1' }, (x, earlier, { id }) => {
  calls.push(id!)
  return ((earlier.at(-1)?.sum ?? 0) + x) % 1000
})
/** The greatest of a row and the two before it. */
const greatest = udf({ name: 'greatest', input: [t.int(), t.array(t.record({ x: t.int() }))], output: t.int(), version: '1' }, (x, earlier, { id }) => {
  calls.push(id!)
  return Math.max(x, ...earlier.map((entry) => entry.x))
})
const half = udf({ name: 'half', input: [t.int()], output: t.int(), version: '1' }, (x) => {
  if (x === 13) throw new Error('thirteen')
  return Math.floor(x / 2)
})

const readings = table('readings', { camera: t.text().nullable(), at: t.int().nullable(), x: t.int() })
const sums = table('sums', { camera: t.text().nullable(), at: t.int().nullable(), x: t.int() })
  .computed('total', (r) => total(r.x, history(r, { by: (row) => row.camera, orderBy: (row) => row.at, last: 1, select: (_, self) => ({ sum: self(total) }) })))
  .computed('half', (r) => half(r.total))
const peaks = table('peaks', { camera: t.text().nullable(), at: t.int().nullable(), x: t.int() })
  .computed('half', (r) => half(r.x))
  .computed('peak', (r) => greatest(r.half, history(r, { by: (row) => row.camera, orderBy: (row) => row.at, last: 2, select: (e) => ({ x: e.half }) })))

async function run<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}

describeEngines('history', (engine) => {
  let database: TestDatabase
  let db: Awaited<ReturnType<typeof open>>
  const open = async () => connect(database.target, { define: { readings, sums, peaks }, worker: true })
  beforeAll(async () => {
    database = await engine.database()
    db = await open()
  })
  afterAll(async () => {
    await db[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  beforeEach(() => void called())

  const values = (column: string, from: string): Promise<readonly unknown[]> =>
    run<{ value: unknown }>(db, `select ${column} as value from live.${from} order by camera, at nulls last, _id`).then((rows) =>
      rows.map(({ value }) => value),
    )

  test('reads its own earlier results in order, group by group', async () => {
    await db.sums.insert([
      { camera: 'b', at: 2, x: 20 },
      { camera: 'a', at: 30, x: 300 },
      { camera: 'a', at: 10, x: 1 },
      { camera: 'a', at: 20, x: 2 },
      { camera: 'b', at: 1, x: 10 },
      { camera: null, at: null, x: 7 },
      { camera: null, at: 5, x: 5 },
    ])
    await db.settled()
    expect(await values('total', 'sums')).toEqual([1, 3, 303, 10, 30, 5, 12])
    expect(await values('half', 'sums')).toEqual([0, 1, 151, 5, 15, 2, 6])
    expect(called()).toHaveLength(7)
    expect((await db.settled()).ran).toBe(0)
    expect(await db.doctor()).toMatchObject({ healthy: true })
    expect(await values('_status', 'sums')).toEqual(Array.from({ length: 7 }, () => ({})))
  })

  test('follows a late, a changed, a moved and a deleted row', async () => {
    await db.sums.insert([{ camera: 'a', at: 15, x: 100 }])
    await db.settled()
    expect(await values('total', 'sums')).toEqual([1, 101, 103, 403, 10, 30, 5, 12])
    expect(called()).toHaveLength(3)

    await db.sums.where((r) => r.at.eq(20)).update({ x: 0 })
    await db.settled()
    expect(await values('total', 'sums')).toEqual([1, 101, 101, 401, 10, 30, 5, 12])
    expect(called()).toHaveLength(2)

    // to the other group, to its end
    await db.sums.where((r) => r.at.eq(15)).update({ camera: 'b', at: 100 })
    await db.settled()
    expect(await values('total', 'sums')).toEqual([1, 1, 301, 10, 30, 130, 5, 12])

    await run(db, 'delete from sums where at = 1')
    await db.settled()
    expect(await values('total', 'sums')).toEqual([1, 1, 301, 20, 120, 5, 12])
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('a late row costs the rows that read it, and no more', async () => {
    await db.peaks.insert(Array.from({ length: 400 }, (_, index) => ({ camera: 'a', at: index * 10, x: index * 2 })))
    await db.settled()
    expect(called()).toHaveLength(400)
    await db.peaks.insert([{ camera: 'a', at: 1005, x: 4 }])
    await db.settled()
    // itself, and the two behind it: last = 2
    expect(called()).toHaveLength(3)
    // equal arguments: nothing is called
    await db.peaks.where((r) => r.at.eq(1005)).update({ x: 5 })
    await db.settled()
    expect(called()).toHaveLength(0)
    await db.peaks.where((r) => r.at.eq(1005)).delete()
    await db.settled()
    expect(called()).toHaveLength(2)
    const rows = await run<{ at: number; peak: number }>(db, `select at, peak from live.peaks order by at`)
    expect(rows.every(({ at, peak }) => peak === at / 10)).toBe(true)
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })
})

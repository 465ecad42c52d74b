import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database, history, iterator, RetryAfter, t, udf } from 'vivant'
import { describeEngines, type TestDatabase } from '../../engines.ts'

const count = udf(
  { name: 'count_up', input: [t.int(), t.array(t.record({ n: t.int().nullable() }))], output: t.int(), version: '1' },
  (_, earlier) => (earlier.at(-1)?.n ?? 0) + 1,
)
const failing = new Map<number, 'once' | 'always'>()
const careful = udf(
  { name: 'careful', input: [t.int(), t.array(t.record({ own: t.int().nullable() }))], output: t.int(), version: '1', retry: { initialMs: 10 } },
  (x, earlier, { attempt }) => {
    if (failing.get(x) === 'once' && attempt === 1) throw new RetryAfter(20)
    if (failing.get(x) === 'always') throw new Error(`no ${x}`)
    return earlier.reduce((sum, entry) => sum + (entry.own ?? 0), 0) + x
  },
)
const plus = udf({ name: 'plus_one', input: [t.int()], output: t.int(), version: '1' }, (x) => {
  if (failing.get(x) === 'always') throw new Error(`no ${x}`)
  return x + 1
})
const sum = udf({ name: 'sum_of', input: [t.array(t.record({ v: t.int() }))], output: t.int(), version: '1' }, (earlier) =>
  earlier.reduce((total, entry) => total + entry.v, 0),
)
const joined = udf({ name: 'joined', input: [t.array(t.int())], output: t.text(), version: '1' }, (numbers) => numbers.join(' '))
const steps = iterator({ name: 'steps', input: [t.int()], output: { size: t.int() }, version: '1' }, function* (n) {
  for (let size = 1; size <= n; size++) yield { size }
})

async function run<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}

describeEngines('a history column', (engine) => {
  let database: TestDatabase
  let db: Database
  beforeAll(async () => {
    database = await engine.database()
    db = await connect(database.target, { worker: true })
  })
  afterAll(async () => {
    await db[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  const columnOf = async (table: string, column: string, order: string): Promise<readonly unknown[]> =>
    (await run<{ value: unknown }>(db, `select ${column} as value from live.${table} order by ${order}`)).map(({ value }) => value)
  const pieces = (table: string): Promise<number> =>
    run<{ n: number }>(db, `select coalesce(sum(commits), 0)::int as n from vivant_data.${table}`).then(([row]) => row!.n)

  test('is filled for rows that are there, in pieces, and made anew when its groups are others', async () => {
    const rows = await db.createTable('rows', { g: t.int(), at: t.timestamp(), x: t.int() })
    await rows.insert(Array.from({ length: 1203 }, (_, index) => ({ g: index % 3, at: new Date(1_700_000_000_000 + index), x: index })))
    const counted = await rows.addComputedColumn('n', (r) =>
      count(r.x, history(r, { by: (row) => row.g, orderBy: (row) => row.at, last: 1, select: (_, self) => ({ n: self(count) }) })),
    )
    await db.settled()
    expect(await run(db, 'select g, max(n) as max, count(distinct n)::int as n from live.rows group by g order by g')).toEqual(
      [0, 1, 2].map((g) => ({ g, max: 401, n: 401 })),
    )
    expect(
      await counted
        .ready()
        .where((r) => r.n.gt(400))
        .count(),
    ).toBe(3)
    expect(await db.doctor()).toMatchObject({ healthy: true })
    await expect
      .poll(() => run(db, `select count(*)::int as n from pg_class where relname ~ '^vivant_cell_.*_order$'`), { timeout: 20_000 })
      .toEqual([{ n: 1 }])

    await counted.replaceComputedColumn('n', (r) => count(r.x, history(r, { orderBy: (row) => row.at, last: 1, select: (_, self) => ({ n: self(count) }) })))
    await db.settled()
    expect(await run(db, 'select max(n) as max, count(distinct n)::int as n from live.rows')).toEqual([{ max: 1203, n: 1203 }])
    // more than one commit for a group of 1,203 rows
    const [{ cells }] = (await run<{ cells: string }>(db, `select cell_table as cells from vivant."column" where name = 'n'`)) as [{ cells: string }]
    expect(cells).toMatch(/_2$/u)
    expect(await pieces(`${cells}_group`)).toBeGreaterThan(1)

    await run(db, 'truncate rows')
    await rows.insert([{ g: 1, at: new Date(0), x: 1 }])
    await db.settled()
    expect(await columnOf('rows', 'n', 'at')).toEqual([1])
    await counted.dropColumn('n')
    expect(await run(db, `select relname from pg_class where relname ~ '^(vivant_cell_.*_order|cell_.*_group)$'`)).toEqual([])
  })

  test('waits for a row that is tried again, passes over one that failed, and runs it again when asked', async () => {
    const tries = await db
      .createTable('tries', { x: t.int() })
      .addComputedColumn('y', (r) => plus(r.x))
      .addComputedColumn('own', (r) => careful(r.x, history(r, { orderBy: (row) => row._id, last: 2, select: (_, self) => ({ own: self(t.int()) }) })))
      .addComputedColumn('before', (r) => sum(history(r, { orderBy: (row) => row._id, last: 2, select: (e) => ({ v: e.y }) })))
    failing.set(2, 'once').set(3, 'always')
    await tries.insert([1, 2, 3, 4, 5].map((x) => ({ x })))
    await db.settled()
    // 3 fails: null in the histories of 4 and 5
    expect(await columnOf('tries', 'own', '_id')).toEqual([1, 3, null, 7, 12])
    // y of 3 failed: it is passed over
    expect(await columnOf('tries', 'before', '_id')).toEqual([0, 2, 5, 3, 5])
    expect(await tries.failures({ column: 'own' })).toMatchObject([{ id: 3, code: 'FUNCTION_FAILED' }])
    expect(await db.doctor()).toMatchObject({ healthy: true })
    failing.clear()
    await tries.retry({ column: 'own' })
    await tries.retry({ column: 'y' })
    await db.settled()
    expect(await columnOf('tries', 'own', '_id')).toEqual([1, 3, 7, 14, 26])
    expect(await columnOf('tries', 'before', '_id')).toEqual([0, 2, 5, 7, 9])
    expect((await db.settled()).ran).toBe(0)
    expect(await tries.lineage()).toContainEqual(expect.objectContaining({ column: 'before', reads: ['_id', 'y'] }))
  })

  test('goes over the rows of a view, parent by parent', async () => {
    const clips = await db.createTable('clips', { n: t.int() })
    const frames = await db
      .createView('frames', { of: clips, iterate: (clip) => steps(clip.n) })
      .addComputedColumn('track', (f) => sum(history(f, { by: (row) => row.parent._id, orderBy: (row) => row.pos, last: 2, select: (e) => ({ v: e.size }) })))
      .addComputedColumn('next', (f) => plus(f.track))
    await clips.insert([{ n: 4 }, { n: 2 }])
    await db.settled()
    expect(await columnOf('frames', 'next', '_parent, pos')).toEqual([1, 2, 4, 6, 1, 2])
    await clips.where((clip) => clip.n.eq(2)).update({ n: 3 })
    await db.settled()
    expect(await columnOf('frames', 'track', '_parent, pos')).toEqual([0, 1, 3, 5, 0, 1, 3])
    // what the parent reads of it follows, also a list that waits for all of them
    await clips
      .addComputedColumn('longest', (clip) => frames.of(clip).max((f) => f.track))
      .addComputedColumn('tracks', (clip) => joined(frames.of(clip).collect((f) => f.track)))
    await db.settled()
    expect(await columnOf('clips', 'longest', '_id')).toEqual([5, 3])
    expect(await columnOf('clips', 'tracks', '_id')).toEqual(['0 1 3 5', '0 1 3'])
    await clips.where((clip) => clip.n.eq(3)).update({ n: 5 })
    await db.settled()
    expect(await columnOf('clips', 'longest', '_id')).toEqual([5, 7])
    expect(await columnOf('clips', 'tracks', '_id')).toEqual(['0 1 3 5', '0 1 3 5 7'])
    await frames.recompute('track', { where: (f) => f.pos.eq(1) })
    await db.settled()
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })

  test('follows a key that was renamed by SQL, whatever was written meanwhile', async () => {
    const renamed = await db
      .createTable('renamed', { at: t.int(), x: t.int() })
      .addComputedColumn('n', (r) => count(r.x, history(r, { orderBy: (row) => row.at, last: 1, select: (_, self) => ({ n: self(count) }) })))
    await renamed.insert([1, 2, 3].map((at) => ({ at, x: 0 })))
    await db.settled()
    await run(db, 'alter table renamed rename column at to moment')
    await run(db, 'delete from renamed where moment = 1')
    await run(db, 'insert into renamed (moment, x) values (0, 0)')
    await db.settled()
    await expect.poll(() => columnOf('renamed', 'n', 'moment'), { timeout: 20_000 }).toEqual([1, 2, 3])
    await db.settled()
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })
})

import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, t, table, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'

const double = udf({ name: 'unreadable_double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)
const digits = udf({ name: 'unreadable_digits', input: [t.bigint()], output: t.int(), version: '1' }, (n) => String(n).length)
const tempo = udf({ name: 'unreadable_tempo', input: [t.record({ tempo: t.float() })], output: t.float(), version: '1' }, (song) => song.tempo)
const sum = udf({ name: 'unreadable_sum', input: [t.array(t.int())], output: t.int(), version: '1' }, (list) => list.reduce((a, b) => a + b, 0))
const year = udf({ name: 'unreadable_year', input: [t.timestamp()], output: t.int(), version: '1' }, (at) => at.getUTCFullYear())
const same = udf({ name: 'unreadable_same', input: [t.timestamp()], output: t.timestamp(), version: '1' }, (at) => at)

const things = table('things', {
  n: t.int().default(1),
  big: t.bigint().default(1n),
  song: t.record({ tempo: t.float() }).default({ tempo: 1 }),
  list: t.array(t.int()).default([1]),
  at: t.timestamp().default('2020-01-01T00:00:00Z'),
  wanted: t.boolean().default(true),
})
  .computed('double', (row) => double(row.n))
  .computed('quadruple', (row) => double(row.double))
  .computed('conditional', (row) => double(row.n), { when: (row) => row.wanted })
  .computed('reached', (row) => double(row.n.add(1)))
  .computed('digits', (row) => digits(row.big))
  .computed('tempo', (row) => tempo(row.song))
  .computed('sum', (row) => sum(row.list))
  .computed('year', (row) => year(row.at))
  .computed('same', (row) => same(row.at))

describeEngines('values that only other clients can write', (engine) => {
  const errors: string[] = []
  const logger = { debug() {}, info() {}, warn() {}, error: (message: string): void => void errors.push(message) }
  const open = async (target: string) => connect(target, { define: { things }, worker: true, logger })
  const sql = (db: Database, text: string) => db.kysely.executeQuery(CompiledQuery.raw(text))

  test('fail the cells that read them, with column, row and reason; all the others go on', async () => {
    await using place = await engine.database()
    await using db = await open(place.target)
    await sql(db, 'alter table things drop constraint things_n_check')
    await sql(db, `insert into things (n, wanted) select case when i % 50 = 7 then 9007199254740993 else i end, i % 100 <> 57 from generate_series(0, 199) i`)
    const run = await db.settled({ timeoutMs: 30_000 })
    expect(run.perColumn).toMatchObject({
      'things.double': { ran: 196, failed: 4 },
      'things.quadruple': { ran: 196, blocked: 4 },
      'things.conditional': { ran: 196, failed: 2, skipped: 2 },
      'things.reached': { ran: 196, failed: 4 },
      'things.digits': { ran: 200 },
    })
    const [failure, ...others] = await db.things.failures({ column: 'double' })
    expect(others).toHaveLength(3)
    expect(failure).toMatchObject({
      code: 'VALUE_INVALID',
      message: `"n" of row ${failure!.id} cannot be read: 9007199254740993 is no whole number between -2^53 and 2^53: declare the column as bigint.`,
    })
    expect(await db.things.cell(failure!.id, 'double')).toMatchObject({ state: 'failed', inputs: { n: { state: 'stored', value: '9007199254740993' } } })
    expect((await db.doctor()).findings).toEqual([])
    expect(errors).toEqual([])

    // the value is mended: its cells follow
    await sql(db, `update things set n = 5 where _id = ${failure!.id}`)
    await db.settled({ timeoutMs: 30_000 })
    expect(
      await db.things
        .where((row) => row._id.eq(failure!.id))
        .select((row) => ({ four: row.quadruple, reached: row.reached }))
        .execute(),
    ).toEqual([{ four: 20, reached: 12 }])
    // what cannot be mended may be tried again, to no other end
    expect(await db.things.retry({ column: 'double' })).toEqual({ count: 3 })
    expect(await db.settled({ timeoutMs: 30_000 })).toMatchObject({ failed: 3 })
  })

  test.each([
    ['bigint', `big = 'NaN'`, 'digits', 'NaN is no whole number'],
    ['record', `song = '{"speed": 3}'`, 'tempo', 'tempo'],
    ['array with an element that is too great', `list = '{1,9007199254740993}'`, 'sum', '9007199254740993 is no whole number'],
    ['array of arrays', `list = '{{1,2},{3,4}}'`, 'sum', 'is no whole number'],
    ['timestamp that a function cannot give back', `at = 'infinity'`, 'same', 'outside the years 1 to 9999'],
  ])('a %s', async (_, change, column, reason) => {
    await using place = await engine.database()
    await using db = await open(place.target)
    await sql(db, 'insert into things (n) values (1), (2), (3)')
    await sql(db, `update things set ${change} where n = 2`)
    const run = await db.settled({ timeoutMs: 30_000 })
    expect(run).toMatchObject({ failed: 1, blocked: 0, ran: 3 * 9 - 1 })
    const [failure] = await db.things.failures()
    expect(failure).toMatchObject({ id: 2, column })
    expect(failure!.message).toContain(reason)
    expect(errors).toEqual([])
  })
})

import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, iterator, t, table, view } from 'vivant'
import { describeEngines } from '../../engines.ts'

async function run(db: Database, statement: string): Promise<readonly Record<string, unknown>[]> {
  return (await db.kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement))).rows
}

const count = iterator({ name: 'count_up', input: [t.int()], output: { n: t.int() }, version: '1' }, function* (to) {
  if (to < 0) throw new Error('it counts upwards only')
  for (let n = 0; n < to; n++) yield { n }
})
const sums = table('sums', { to: t.int() })
const numbers = view('numbers', { of: sums, iterate: (sum) => count(sum.to) })

describeEngines('views, looked at', (engine) => {
  test('settled, status, failures and doctor name a view and the row whose rows are missing', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { sums, numbers }, worker: true })
    await db.sums.insert([{ to: 3 }, { to: -1 }, { to: 2 }])
    const result = await db.settled()
    expect(result).toMatchObject({ failed: 1, perColumn: { 'sums.numbers (view)': { ran: 2, failed: 1 } } })
    const [failure] = await db.sums.failures()
    expect(failure).toMatchObject({ id: 2, column: 'numbers (view)', code: 'FUNCTION_FAILED', message: 'it counts upwards only' })
    const { tables } = await db.status()
    expect(tables.find(({ name }) => name === 'sums')?.columns).toMatchObject([{ name: 'numbers (view)', ok: 2, failed: 1, pending: 0, stale: 0 }])
    expect(tables.find(({ name }) => name === 'numbers')).toMatchObject({ rows: 5 })
    expect(await db.doctor()).toMatchObject({ healthy: true })
    expect((await db.settled({ tables: ['numbers'] })).ran).toBe(0)
  })

  test('settled for a view alone waits for what makes its rows', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { sums, numbers }, worker: true })
    await db.sums.insert([{ to: 2500 }])
    await db.settled({ tables: ['numbers'] })
    expect(await run(db, 'select count(*)::int as n from live.numbers')).toEqual([{ n: 2500 }])
  })

  test('a doctor finds an expansion that is lost, and mends it', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { define: { sums, numbers }, worker: true })
    await db.sums.insert([{ to: 3 }])
    await db.settled()
    const [{ cell_table: cells } = {}] = await run(db, `select cell_table from vivant."column" where kind = 'expansion'`)
    await run(db, `delete from vivant_data.${cells as string}`)
    expect(await db.doctor()).toMatchObject({ healthy: false })
    expect(await db.doctor({ repair: true })).toMatchObject({ healthy: true })
    await db.settled()
    expect(await run(db, 'select n, _id from live.numbers order by pos')).toEqual([0, 1, 2].map((n) => ({ n, _id: n + 1 })))
    expect(await db.doctor()).toMatchObject({ healthy: true })
  })
})

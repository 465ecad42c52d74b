import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, t, table, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'

let calls = 0
const double = udf({ name: 'recomputed_double', input: [t.int()], output: t.int(), version: '1' }, (n) => {
  calls++
  return n * 2
})
const things = table('things', { n: t.int(), word: t.text() })
  .computed('double', (row) => double(row.n))
  .computed('quadruple', (row) => double(row.double))

describeEngines('recompute with a condition', (engine) => {
  test('runs the column of the rows that meet it, and nothing else', async () => {
    await using place = await engine.database()
    await using db = await connect(place.target, { define: { things }, worker: true })
    await db.things.insert(
      Array.from({ length: 20 }, (_, n) => ({ n, word: n % 2 ? 'odd' : 'even' })),
      { wait: true },
    )
    calls = 0
    const run = await db.things.recompute('double', { where: (row) => row.word.eq('odd').and(row.n.gt(9)).and(row.quadruple.lt(60)) })
    // 11 and 13; equal values disturb nothing that reads them
    expect(run).toMatchObject({ ran: 2, perColumn: { 'things.double': { ran: 2 } } })
    expect(calls).toBe(2)
    expect(await db.things.recompute('double', { where: (row) => row.n.gt(99) })).toMatchObject({ ran: 0 })
    expect(await db.things.recompute('double', { where: (row) => row.double.cell.status.eq('ok'), wait: false })).toMatchObject({ failed: 0 })
    await expect(db.things.recompute('double', { where: (row) => row.word.cast(t.int()).gt(3) })).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
    await db.settled()
    expect(calls).toBe(22)
    expect((await db.doctor()).findings).toEqual([])
  })

  test('of 100,000 rows brings no id into the process', async () => {
    await using place = await engine.database()
    await using db = await connect(place.target, { define: { things }, worker: false })
    const sql = async (text: string) => (await db.kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text))).rows
    await sql(`insert into things (n, word) select i, 'x' from generate_series(1, 100000) i`)
    await sql('delete from vivant.task')
    await db.things.recompute('double', { where: (row) => row.n.gt(1000).and(row.word.eq('x')), wait: false })
    expect(await sql('select count(*)::int as tasks, sum(size)::int as rows, max(size)::int as most, bool_and(forced) as forced from vivant.task')).toEqual([
      { tasks: 99, rows: 99_000, most: 1000, forced: true },
    ])
  })
})

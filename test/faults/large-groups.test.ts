import { expect, test } from 'vitest'
import { connect, each, t, udf } from 'vivant'
import { describeEngines } from '../engines.ts'

const length = udf({ name: 'list_length', input: [t.array(t.int())], output: t.int(), version: '1' }, (list) => list.length)

describeEngines('large groups', (engine) => {
  test('a count of a million rows, and a list of them that says that it is too long', async () => {
    const rows = engine.name === 'server' ? 1_000_000 : 110_000
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const lists = await db.createTable('lists', { items: t.array(t.int()) })
    const items = await db.createView('items', { of: lists, iterate: (list) => each(list.items) })
    const told = await lists
      .addComputedColumn('count', (list) => items.of(list).count())
      .addComputedColumn('total', (list) => items.of(list).sum((item) => item.value))
      .addComputedColumn('length', (list) => length(items.of(list).collect((item) => item.value)))
    await told.insert([{ items: [1, 2, 3] }, { items: Array.from({ length: rows }, () => 1) }])
    await db.settled({ timeoutMs: 500_000 })
    expect(
      await told
        .orderBy((list) => list._id)
        .select((list) => ({ count: list.count, total: list.total, length: list.length }))
        .execute(),
    ).toEqual([
      { count: 3, total: 6, length: 3 },
      { count: rows, total: rows, length: null },
    ])
    expect(await told.cell(2, 'length')).toMatchObject({
      state: 'failed',
      error: { code: 'GROUP_TOO_LARGE', message: expect.stringContaining('100000') as string },
    })
    await told.where((list) => list._id.eq(2)).update({ items: [5] })
    await db.settled({ timeoutMs: 500_000 })
    expect(
      await told
        .where((list) => list._id.eq(2))
        .select((list) => ({ count: list.count, length: list.length }))
        .execute(),
    ).toEqual([{ count: 1, length: 1 }])
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  }, 600_000)
})

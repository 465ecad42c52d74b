import { t, table, tableDefinition, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import { describeEngines } from '../../engines.ts'
import { openQueries } from '../query/open-queries.ts'

const calls = { length: 0, half: 0 }
const length = udf({ name: 'atomic_length', input: [t.text()], output: t.int(), version: '1' }, (text) => {
  calls.length++
  return text.length
})
const half = udf({ name: 'atomic_half', input: [t.int()], output: t.float(), pool: 'other', version: '1' }, async (n) => {
  calls.half++
  if (n === 13) throw new Error('thirteen')
  return n / 2
})
const texts = table('texts', { body: t.text() })
  .computed('length', (r) => length(r.body))
  .computed('half', (r) => half(r.length), { when: (r) => r.length.gt(2) })
  .computed('long', (r) => r.half.gt(3))

describeEngines("insert({ mode: 'atomic' })", (engine) => {
  test('rows are stored with their cells, whichever pools they are of, and nothing is computed again', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(texts)
    const { ids, count } = await insertRows(db.runtime, tableDefinition(texts), [{ body: 'ab' }, { body: 'abcdefgh' }], { mode: 'atomic' })
    expect([ids.length, count]).toEqual([2, 2])
    const read = query
      .orderBy((r) => r._id)
      .select((r) => ({ length: r.length, half: r.half, long: r.long, states: r._status, half_state: r.half.cell.status }))
    const wanted = [
      { length: 2, half: null, long: null, states: {}, half_state: 'skipped' },
      { length: 8, half: 4, long: true, states: {}, half_state: 'ok' },
    ]
    expect(await read.execute()).toEqual(wanted)
    const before = { ...calls }
    await db.startWorker()
    await db.settled()
    expect(await read.execute()).toEqual(wanted)
    expect(calls).toEqual(before)
  })

  test('one cell that fails leaves nothing behind', async () => {
    await using db = await openQueries(engine)
    const query = await db.create(texts)
    const insert = (rows: readonly object[]) => insertRows(db.runtime, tableDefinition(texts), rows as never, { mode: 'atomic' })
    await expect(insert([{ body: 'abc' }, { body: 'x'.repeat(13) }])).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: "'half' of the row 1 is failed, so nothing was stored: thirteen",
      details: { table: 'texts', column: 'half', index: 1 },
    })
    expect(await query.count()).toBe(0)
    await expect(insert(Array.from({ length: 1001 }, () => ({ body: 'a' })))).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await expect(insertRows(db.runtime, tableDefinition(texts), [{ body: 'a' }], { onInvlid: 'skip' } as never)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: 'insert() has no option "onInvlid"; did you mean "onInvalid"?',
    })
    await expect(insertRows(db.runtime, tableDefinition(texts), [{ body: 'a' }], { mode: 'quick' as never })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    })
    await insert([{ body: 'abc' }])
    await db.settled()
    expect(await query.ready().execute()).toMatchObject([{ body: 'abc', length: 3, half: 1.5, long: false }])
  })
})

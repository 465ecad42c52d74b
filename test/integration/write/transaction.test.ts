import { t, table, tableDefinition, udf } from '@vivant/core'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { settled } from '../../../packages/vivant/src/observe/settled.ts'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import { clientOf, runTransaction } from '../../../packages/vivant/src/write/run-transaction.ts'
import { upsertRows } from '../../../packages/vivant/src/write/upsert-rows.ts'
import { describeEngines } from '../../engines.ts'
import { openPipeline } from '../../support/open-pipeline.ts'

const double = udf({ name: 'double', input: [t.int()], output: t.int(), version: '1' }, (n) => n * 2)
const item = table('item', { n: t.int().unique() }).computed('twice', (row) => double(row.n))
const items = tableDefinition(item)

describeEngines('a transaction', (engine) => {
  test('commits everything and its work, or rolls back and leaves none', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [item] as never)
    const { runtime } = pipeline
    const ids = await runTransaction(runtime, async ({ client, kysely }) => {
      const first = await insertRows(runtime, items, [{ n: 1 }, { n: 2 }], {}, client)
      await upsertRows(runtime, items, [{ n: 2 }, { n: 3 }], { on: 'n' }, client)
      await kysely.insertInto('item').values({ n: 4 }).execute()
      return first.ids
    })
    expect(ids).toHaveLength(2)
    expect(await settled(runtime)).toMatchObject({ ran: 4 })
    const failed = runTransaction(runtime, async ({ client }) => {
      await insertRows(runtime, items, [{ n: 10 }], {}, client)
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    const left = await runtime.database.query(`select (select count(*)::int from item) as rows, (select count(*)::int from vivant.task) as tasks`)
    expect(left.rows).toEqual([{ rows: 4, tasks: 0 }])
  })

  test('a call on the database itself from inside is refused at once, and so are waiting and a transaction inside', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [item] as never)
    const { runtime } = pipeline
    await runTransaction(runtime, async ({ client, kysely }) => {
      await expect(insertRows(runtime, items, [{ n: 1 }])).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
      await expect(runtime.database.kysely.selectFrom('item').selectAll().execute()).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
      await expect(settled(runtime)).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
      await expect(runTransaction(runtime, async () => {})).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
      await expect(kysely.transaction().execute(async () => {})).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
      await expect(insertRows(runtime, items, [{ n: 1 }], { wait: true }, client)).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
      await Promise.all([insertRows(runtime, items, [{ n: 5 }], {}, client), insertRows(runtime, items, [{ n: 6 }], {}, client)])
    })
    expect(await settled(runtime)).toMatchObject({ ran: 2 })
  })

  test('a call that comes after its end is refused, and not run on a connection that has gone back', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [item] as never)
    const { runtime } = pipeline
    const { client, kysely } = await runTransaction(runtime, async (scope) => scope)
    await expect(insertRows(runtime, items, [{ n: 1 }], {}, client)).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(kysely.selectFrom('item').selectAll().execute()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('an invalid row inside throws before the transaction is spoilt', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [item] as never)
    const { runtime } = pipeline
    await runTransaction(runtime, async ({ client }) => {
      await expect(insertRows(runtime, items, [{ n: 'x' }], {}, client)).rejects.toMatchObject({ code: 'ROW_INVALID' })
      await insertRows(runtime, items, [{ n: 1 }], {}, client)
    })
    expect(await settled(runtime)).toMatchObject({ ran: 1 })
  })
})

describe.skipIf(!process.env['VIVANT_TEST_SERVER_URL'])('a transaction of the user’s own', () => {
  describeEngines('using', (engine) => {
    test.skipIf(engine.name === 'embedded')('takes a client of node-postgres and a transaction of Kysely; work appears with the user’s commit', async () => {
      await using database = await engine.database()
      await using pipeline = await openPipeline(database.target, [item] as never)
      const { runtime } = pipeline
      const pool = new pg.Pool({ connectionString: database.target })
      try {
        const client = await pool.connect()
        await client.query('begin')
        await insertRows(runtime, items, [{ n: 1 }, { n: 2 }], {}, clientOf(client))
        await client.query('rollback')
        await client.query('begin')
        expect((await insertRows(runtime, items, [{ n: 1 }, { n: 2 }], {}, clientOf(client))).ids).toHaveLength(2)
        await client.query('commit')
        await expect(insertRows(runtime, items, [{ n: 9 }], {}, clientOf(client))).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
        client.release()
        const kysely = new Kysely<Record<string, Record<string, unknown>>>({ dialect: new PostgresDialect({ pool }) })
        const ids = await kysely.transaction().execute(async (tx) => {
          await tx.insertInto('item').values({ n: 3 }).execute()
          return (await insertRows(runtime, items, [{ n: 4 }], {}, clientOf(tx))).ids
        })
        expect(ids.every((id) => typeof id === 'number')).toBe(true)
        expect(await settled(runtime)).toMatchObject({ ran: 4 })
        for (const wrong of [pool, kysely, null, {}, 'postgres://'])
          expect(() => clientOf(wrong as never)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }) as Error)
      } finally {
        await pool.end()
      }
    })
  })
})

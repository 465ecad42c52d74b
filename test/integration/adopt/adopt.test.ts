import { setTimeout as sleep } from 'node:timers/promises'
import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, t, table, udf } from 'vivant'
import { describeEngines } from '../../engines.ts'
import { shop, shopSchema, shopState, shopTables } from '../../support/shop.ts'
import { UserSession } from '../../support/user-session.ts'

const shout = udf({ name: 'shout', input: [t.text()], output: t.text(), version: '1' }, (text) => text.toUpperCase())
const count = udf({ name: 'count_words', input: [t.text()], output: t.int(), version: '1' }, (text) => text.split(' ').length)

/** What the program knows of the shop, and what it adds to it. */
const customers = table('customers', { id: t.uuid().unique(), name: t.text(), tags: t.array(t.text()), address: t.json().nullable() })
const products = table('products', { sku: t.text().primaryKey(), title: t.text() })
const orders = table('orders', { id: t.int().primaryKey(), note: t.text().nullable() })
const lines = table('order_lines', { line: t.int(), sku: t.text(), quantity: t.int() })
const events = table('events', { id: t.int(), day: t.date(), message: t.text().nullable() })
const numbered = table('numbered', { id: t.int().primaryKey(), message: t.text().nullable() })

async function raw<R = Record<string, unknown>>(db: Database, text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(text, [...values]))).rows
}

async function openShop(db: Database): Promise<void> {
  for (const statement of shopSchema) await raw(db, statement)
}

const stateOf = async (db: Database): Promise<readonly string[]> => (await raw<{ line: string }>(db, shopState)).map(({ line }) => line)

describeEngines('adopting', (engine) => {
  test('a plan says what it will do, and what it cannot', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target)
    await openShop(db)
    expect(await db.planAdoption('public.orders')).toMatchObject({
      schema: 'public',
      table: 'orders',
      key: { column: 'id', added: false, path: 'key' },
      lockedMs: 0,
      columns: ['id', 'customer', 'note'],
      opaque: [],
      armed: ['public.orders'],
      uncaptured: [],
      refused: [],
    })
    const plan = await db.planAdoption(products, { identity: 'online' })
    // on the embedded engine there is nobody beside whom it could be done
    expect(plan.key).toEqual({ column: '_id', added: true, path: engine.name === 'server' ? 'online' : 'rewrite' })
    expect(plan.opaque).toEqual(['price numeric(10,2)', 'place point', 'state mood', '_internal text'])
    if (engine.name === 'server') expect(plan.effects.join('\n')).toContain('each row is updated once, which fires a_log')
    expect(plan.sizeBytes).toBeGreaterThan(8192)
    const partitioned = await db.planAdoption('events')
    expect(partitioned.key).toEqual({ column: '_id', added: true, path: 'rewrite' })
    expect(partitioned.armed).toEqual(['public.events', 'events_new', 'events_old'])
    expect(partitioned.uncaptured).toEqual([expect.stringContaining('ATTACH')])
    expect((await db.planAdoption('numbered')).key).toEqual({ column: 'id', added: false, path: 'key' })
    expect((await db.planAdoption('events_old')).refused).toEqual(['it is a partition: adopt the table it belongs to'])
    await expect(db.adopt('events_old')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining('adopt the table') as string })
    await expect(db.adopt('nowhere')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
    await expect(db.adopt('other.orders')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
    await raw(db, 'create table taken (_id text primary key)')
    await expect(db.adopt('taken')).rejects.toThrow('a column _id of its own')
  })

  test('a definition must fit, and all that does not is listed', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target)
    await openShop(db)
    const wrong = table('products', { sku: t.int(), title: t.text().unique().default('x'), prize: t.float(), favourite_of: t.uuid(), price: t.float() })
    const failure = await db.adopt(wrong).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'TABLE_DIFFERS',
      details: {
        differences: [
          "'sku' is text, which is not read as int",
          "'title' is not unique there",
          "'title' has no default there",
          "'prize' is defined and not there",
          "'favourite_of' may be null there: define it nullable()",
          "'price' is numeric(10,2), which is not read as float",
        ],
      },
    })
    expect(await db.tables()).toEqual([])
  })

  test.each(['rewrite', 'online'] as const)('a table is computed from the first row on, and released as it was (%s)', async (identity) => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    await openShop(db)
    const before = await stateOf(db)
    for (const name of shopTables) await db.adopt(name, name === 'events' || name === 'numbered' ? {} : { identity })
    const stored = await db.adopt('products')
    await stored.addComputedColumn('words', (row) => count.expression(row['title'] as never))
    await db.settled()
    expect(await raw(db, `select sku, price::text, place::text, state::text, _internal, shown, words, _status from live.products where sku = 'p7'`)).toEqual([
      { sku: 'p7', price: '1.00', place: '(7,7)', state: 'new', _internal: null, shown: 'p7: product 7', words: 2, _status: {} },
    ])
    // adopting again is harmless, and a definition may come later
    await db.adopt('products')
    await stored.insert([{ sku: 'new', title: 'a b c' }], { wait: true })
    expect(await raw(db, `select words, price::text from live.products where sku = 'new'`)).toEqual([{ words: 3, price: '1.00' }])
    await raw(db, `delete from products where sku = 'new'`)
    expect(await db.doctor()).toMatchObject({ healthy: true })
    for (const name of shopTables) await db.release(name)
    expect(await stateOf(db)).toEqual(before)
    expect(await raw(db, `select relname from pg_class where relnamespace = 'vivant_data'::regnamespace and relkind = 'r'`)).toEqual([])
    expect(await raw(db, `select count(*)::int as n from products`)).toEqual([{ n: 200 }])
    await expect(db.release('products')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
    // and once more
    await db.adopt(products)
    expect(await db.table(products).count()).toBe(200)
  })

  test('a table that Vivant made is not released, one that others depend on neither', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target)
    await openShop(db)
    await db.createTable('own', { a: t.int() })
    await expect(db.release('own')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
    await db.adopt(products)
    await db.createTable('likes', { product: t.int().references('products') })
    await expect(db.release('products')).rejects.toMatchObject({ code: 'COLUMN_NEEDED' })
    await db.dropTable('likes')
    await db.release(products)
  })

  test('the user’s own DDL on an adopted table is followed', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    await openShop(db)
    await (await db.adopt('events')).addComputedColumn('loud', (row) => shout.expression(row['message'] as never))
    await db.adopt('products')
    await raw(db, 'alter table products rename column place to location')
    await raw(db, `create table events_future partition of events for values from ('2030-01-01') to ('2031-01-01')`).catch(() => undefined)
    await raw(db, 'alter table events detach partition events_old')
    await raw(db, `create table events_older partition of events for values from (minvalue) to ('2020-01-01')`)
    await db.settled()
    await db.table('events')
    await raw(db, `insert into events_older (id, day, message) values (1, '2001-01-01', 'directly')`)
    await db.settled()
    expect(await raw(db, `select loud from live.events where day = '2001-01-01'`)).toEqual([{ loud: 'DIRECTLY' }])
    expect(await raw(db, `select location::text from live.products where sku = 'p1'`)).toEqual([{ location: '(1,1)' }])
    await db.release('events')
    await db.release('products')
    expect((await stateOf(db)).filter((line) => line.includes('vivant'))).toEqual([])
  })

  test('an application at work meets no error while its tables are adopted, computed and released', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    await openShop(db)
    const before = await stateOf(db)
    let over = false
    const failures: unknown[] = []
    const sessions = database.url === undefined ? [] : await Promise.all([0, 1, 2, 3].map((n) => UserSession.open(database.url!, `shop ${n}`)))
    const clients = (
      sessions.length > 0 ? sessions.map((session) => session.run.bind(session)) : [(text: string, values?: readonly unknown[]) => raw(db, text, values)]
    ).map((run, index) => {
      const careful = async (text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]> => {
        try {
          return await run(text, values)
        } catch (error) {
          failures.push({ text, message: (error as Error).message })
          return []
        }
      }
      return shop(careful, index, () => over)
    })
    try {
      await sleep(100)
      // by hand where it counts: on a server the slow path, under load
      const online = database.url === undefined ? {} : ({ identity: 'online' } as const)
      const adopted = {
        customers: await (
          await db.adopt(customers, online)
        )
          .addComputedColumn('loud', (row) => shout(row.name))
          .addComputedColumn('length', (row) => row.loud.length()),
        products: await (await db.adopt(products, online)).addComputedColumn('words', (row) => count(row.title)),
        orders: await (await db.adopt(orders)).addComputedColumn('loud', (row) => shout(row.note)),
        lines: await (await db.adopt(lines)).addComputedColumn('loud', (row) => shout(row.sku)).addComputedColumn('label', (row) => row.loud.concat('!')),
        events: await (await db.adopt(events)).addComputedColumn('loud', (row) => shout(row.message)),
        numbered: await (await db.adopt(numbered)).addComputedColumn('loud', (row) => shout(row.message)),
      }
      await adopted.customers.addComputedColumn('place', (row) => shout(row.address.as(t.text())))
      await sleep(1500)
      expect(failures).toEqual([])
      over = true
      expect(Math.min(...(await Promise.all(clients)))).toBeGreaterThan(30)
      await db.settled({ timeoutMs: 60_000 })
      expect(await wrongCells(db)).toEqual([])
      expect((await db.doctor()).findings).toEqual([])
      over = false
      const more = sessions.map((session, index) =>
        shop(
          (text, values) => session.run(text, values),
          index + 4,
          () => over,
        ).catch((error: unknown) => failures.push(error)),
      )
      for (const name of shopTables) await db.release(name)
      await sleep(200)
      over = true
      await Promise.all(more)
      expect(failures).toEqual([])
      expect(await stateOf(db)).toEqual(before)
    } finally {
      over = true
      await Promise.allSettled(clients)
      for (const session of sessions) await session[Symbol.asyncDispose]()
    }
  })
})

/** Every cell, compared with what PostgreSQL makes of the row. */
async function wrongCells(db: Database): Promise<readonly unknown[]> {
  const right: Readonly<Record<string, string>> = {
    customers: 'loud = upper(name) and length = char_length(name)',
    products: `words = array_length(string_to_array(title, ' '), 1)`,
    orders: 'loud is not distinct from upper(note)',
    order_lines: `loud = upper(sku) and label = upper(sku) || '!'`,
    events: 'loud is not distinct from upper(message)',
    numbered: 'loud is not distinct from upper(message)',
  }
  const found = []
  for (const [name, condition] of Object.entries(right)) {
    const rows = await raw(
      db,
      `select count(*)::int as n, count(*) filter (where (${condition}) is not true or _status <> '{}')::int as wrong, (select count(*)::int from ${name}) as all from live.${name}`,
    )
    const { n, wrong, all } = rows[0] as { n: number; wrong: number; all: number }
    if (wrong > 0 || n !== all || n === 0) found.push({ name, n, wrong, all })
  }
  return found
}

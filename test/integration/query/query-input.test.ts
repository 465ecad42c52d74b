import { type SchemaOf, t, table, tableDefinition, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { createTableQuery } from '../../../packages/vivant/src/query/table-query.ts'
import { describeEngines } from '../../engines.ts'
import { openQueries } from './open-queries.ts'

const words = udf({ name: 'input_words', input: [t.text()], output: t.int(), version: '1' }, (text) => text.length)
const posts = table('posts', { title: t.text(), year: t.int(), meta: t.json<unknown>().nullable() })
const people = table('people', { title: t.text(), name: t.text() })

describeEngines('bad input to queries', (engine) => {
  test('is refused with its name', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(posts)
    const others = await db.create(people)
    const code = (call: () => unknown): string => {
      try {
        call()
        return 'nothing'
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect(code(() => query.where((p) => (p as never as { titel: { eq(v: string): never } }).titel.eq('x')))).toBe('COLUMN_NOT_FOUND')
    expect(code(() => query.where((p) => p.title as never))).toBe('TYPE_MISMATCH')
    expect(code(() => query.where((p) => p.title.eq('a\0b')))).toBe('VALUE_INVALID')
    expect(code(() => query.where((p) => p.title.eq(3 as never)))).toBe('TYPE_MISMATCH')
    expect(code(() => query.orderBy(() => 'title' as never))).toBe('TYPE_MISMATCH')
    expect(code(() => query.orderBy((p) => p.title, 'up' as never))).toBe('VALUE_INVALID')
    expect(code(() => query.select(() => 5 as never))).toBe('TYPE_MISMATCH')
    expect(code(() => query.select((p) => p.title as never))).toBe('TYPE_MISMATCH')
    expect(code(() => query.select(() => ({ a: 5 }) as never))).toBe('TYPE_MISMATCH')
    expect(code(() => query.select((p) => ({ a: [p.title] }) as never))).toBe('TYPE_MISMATCH')
    const loop: Record<string, unknown> = {}
    loop['loop'] = loop
    expect(code(() => query.select(() => loop as never))).toBe('TYPE_MISMATCH')
    for (const wrong of [-1, 1.5, Number.NaN, Infinity, 2 ** 53, '1' as never, null as never]) {
      expect(code(() => query.limit(wrong))).toBe('VALUE_INVALID')
      expect(code(() => query.offset(wrong))).toBe('VALUE_INVALID')
    }
    expect(code(() => query.fresh({ timeoutMs: -1 }))).toBe('VALUE_INVALID')
    let foreign: unknown
    others.where((p) => p.title.eq((foreign = p.title) && 'x'))
    await expect(query.where((p) => p.title.eq(foreign as never)).execute()).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
    await expect(query.select(() => ({ a: foreign as never })).execute()).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
    await expect(
      query
        .select((p) => ({ a: words(p.title) }))
        .distinct()
        .execute(),
    ).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
    expect(code(() => query.where((p) => p.meta.at('a\0b').as(t.text()).eq('x')))).toBe('EXPRESSION_INVALID')
    await expect(query.stream({ chunkSize: 0 })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(
      query.select((p) => ({ s: (p.title as unknown as { similarity(q: string): typeof p.year }).similarity('x') })).execute(),
    ).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
    const missing = createTableQuery<SchemaOf<typeof posts>>(db.runtime, { ...tableDefinition(posts), name: 'missing' })
    await expect(missing.execute()).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  })

  test('names and texts are never SQL', async () => {
    await using db = await openQueries(engine, { worker: false })
    const odd = table('odd "; drop table x; --', { ['a"b; --']: t.text(), ["it's"]: t.text(), select: t.int() })
    const query = await db.create(odd)
    await db.insert(odd, [{ 'a"b; --': `'; drop table "odd"; --`, "it's": '\\', select: 1 }])
    const found = await query
      .where((r) => r['a"b; --'].eq(`'; drop table "odd"; --`))
      .orderBy((r) => r.select, 'desc')
      .orderBy((r) => r["it's"])
      .select((r) => ({ [`x"'; --`]: r["it's"], select: r.select }))
      .execute()
    expect(found).toEqual([{ [`x"'; --`]: '\\', select: 1 }])
    expect(await query.where((r) => r["it's"].eq('\\')).update((r) => ({ 'a"b; --': r["it's"].concat(`'`) }))).toEqual({ count: 1 })
  })

  test('a column that another process dropped or added is seen without a restart', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(posts)
    await db.insert(posts, [{ title: 'x', year: 1 }])
    expect(await query.select((p) => ({ year: p.year })).execute()).toEqual([{ year: 1 }])
    await db.runtime.database.query('drop view live.posts')
    await db.runtime.database.query('alter table posts drop column year')
    const outcome = await query
      .select((p) => ({ year: p.year }))
      .execute()
      .catch((error: unknown) => error)
    expect(outcome).toBeInstanceOf(Error)
    expect(await query.select((p) => ({ title: p.title })).execute()).toEqual([{ title: 'x' }])
  })
})

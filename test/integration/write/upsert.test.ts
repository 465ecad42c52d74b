import { t, table, tableDefinition } from '@vivant/core'
import { expect, test } from 'vitest'
import { upsertRows } from '../../../packages/vivant/src/write/upsert-rows.ts'
import { describeEngines } from '../../engines.ts'
import { openPipeline } from '../../support/open-pipeline.ts'

const page = table(
  'page',
  { slug: t.text().unique(), title: t.text(), views: t.int().default(0), lang: t.text().default('en'), n: t.int().default(0) },
  { unique: [['lang', 'n']] },
)
const loose = table('loose', { slug: t.text() })
const pages = tableDefinition(page)

describeEngines('upsert', (engine) => {
  test('inserts what is new and updates what stands, in the columns that a row names', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [page, loose] as never, { worker: false })
    const { runtime } = pipeline
    const all = async () => (await runtime.database.query('select slug, title, views, n from page order by slug')).rows
    const first = await upsertRows(
      runtime,
      pages,
      [
        { slug: 'b', title: 'B', views: 5, n: 1 },
        { slug: 'a', title: 'A', n: 2 },
      ],
      { on: 'slug' },
    )
    const second = await upsertRows(
      runtime,
      pages,
      [
        { slug: 'c', title: 'C', n: 3 },
        { slug: 'b', title: 'B2' },
        { slug: 'a', title: 'A2', views: 9 },
      ],
      { on: 'slug' },
    )
    expect(second.ids.slice(1)).toEqual(first.ids)
    expect(second).toMatchObject({ count: 3, invalid: [] })
    expect(await all()).toEqual([
      { slug: 'a', title: 'A2', views: 9, n: 2 },
      { slug: 'b', title: 'B2', views: 5, n: 1 },
      { slug: 'c', title: 'C', views: 0, n: 3 },
    ])
    const composite = await upsertRows(runtime, pages, [{ slug: 'renamed', title: 'A3', lang: 'en', n: 2 }], { on: ['n', 'lang'] })
    expect(composite.ids).toEqual([first.ids[1]])

    // two rows with one key cannot both stand
    await expect(
      upsertRows(
        runtime,
        pages,
        [
          { slug: 'x', title: '1', n: 10 },
          { slug: 'y', title: '2', n: 11 },
          { slug: 'x', title: '3', n: 12 },
        ],
        { on: 'slug' },
      ),
    ).rejects.toMatchObject({
      code: 'ROW_INVALID',
      details: { invalid: [{ index: 2, column: 'slug', reason: 'has the same key as row 0' }] },
    })
    const skipped = await upsertRows(runtime, pages, [{ slug: 'x', title: '1', n: 10 }, { title: 'no key' }, { slug: 'x', title: '3', n: 12 }], {
      on: 'slug',
      onInvalid: 'skip',
    })
    expect(skipped.count).toBe(1)
    expect(skipped.invalid.map((row) => row.index)).toEqual([1, 2])

    // another constraint than that of the key
    await expect(upsertRows(runtime, pages, [{ slug: 'new', title: 'N', lang: 'en', n: 1 }], { on: 'slug' })).rejects.toMatchObject({
      code: 'CONSTRAINT_VIOLATED',
    })

    for (const on of ['title', ['slug', 'title'], [], undefined, 5, 'nowhere'])
      await expect(upsertRows(runtime, pages, [{ slug: 'x', title: 'x' }], { on: on as never }), JSON.stringify(on)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringContaining(`'slug'`) as string,
      })
    await expect(upsertRows(runtime, tableDefinition(loose), [{ slug: 'x' }], { on: 'slug' })).rejects.toMatchObject({
      message: expect.stringContaining('has none') as string,
    })
    await expect(upsertRows(runtime, pages, [{ slug: 'x' }], { on: 'slug' })).rejects.toMatchObject({
      code: 'ROW_INVALID',
      message: expect.stringContaining('"title": is missing') as string,
    })
    expect(await upsertRows(runtime, pages, [], { on: 'slug' })).toEqual({ ids: [], count: 0, invalid: [] })
  })

  test('two upserts of the same rows in other orders do not deadlock', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [page] as never, { worker: false })
    const rows = Array.from({ length: 500 }, (_, index) => ({ slug: `s${index}`, title: 't', n: index }))
    for (let round = 0; round < 5; round++)
      await Promise.all([rows, rows.toReversed()].map((list) => upsertRows(pipeline.runtime, pages, list, { on: 'slug' })))
    const { rows: counted } = await pipeline.runtime.database.query('select count(*)::int as n from page')
    expect(counted).toEqual([{ n: 500 }])
  })
})

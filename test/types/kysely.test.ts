import { t, table } from '@vivant/core'
import type { KyselyOf } from '@vivant/storage'
import { expectTypeOf, test } from 'vitest'

const videos = table('videos', {
  title: t.text(),
  year: t.int().nullable(),
  views: t.bigint().default(0n),
  poster: t.image().nullable(),
  tags: t.json<string[]>(),
})
  .computed('shout', (v) => v.title.upper())
  .computed('next', (v) => v.year.add(1))

type Db = KyselyOf<{ videos: typeof videos; other: () => void }>

test('db.kysely has the tables of definitions and their live views', () => {
  const read = async (db: Db) => db.selectFrom('live.videos').select(['_id', '_status', 'title', 'shout', 'views', 'poster', 'tags']).executeTakeFirstOrThrow()
  expectTypeOf<Awaited<ReturnType<typeof read>>>().toEqualTypeOf<{
    _id: number
    _status: { readonly [column: string]: 'pending' | 'stale' | 'error' | 'ok' | 'failed' | 'blocked' | 'skipped' }
    title: string
    shout: string | null
    views: string
    poster: string | null
    tags: string[]
  }>()
  const write = (db: Db): unknown => [
    db.insertInto('videos').values({ title: 'x', tags: '[]' }),
    db.updateTable('videos').set({ views: 3n, year: null }),
    // @ts-expect-error a computed column is in the live view only
    db.selectFrom('videos').select('shout'),
    // @ts-expect-error the live view is only read
    db.updateTable('live.videos').set({ title: 'x' }),
    // @ts-expect-error no such table
    db.selectFrom('other'),
  ]
  expectTypeOf(write).toBeFunction()
})

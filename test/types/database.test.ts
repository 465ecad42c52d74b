import { expectTypeOf, test } from 'vitest'
import {
  type Column,
  connect,
  type Database,
  type DatabaseMethods,
  embeddingModel,
  type NumberType,
  type PendingTable,
  type SchemaOf,
  t,
  table,
  type Table,
  type TextType,
  udf,
  when,
} from 'vivant'

const words = embeddingModel({ name: 'words', embed: udf({ name: 'embed', input: [t.text()], output: t.vector(3) }, () => [1, 2, 3]) })
const pictures = embeddingModel({
  name: 'pictures',
  embed: udf({ name: 'see', input: [t.image()], output: t.vector(3) }, () => [1, 2, 3]),
  embedQuery: udf({ name: 'ask', input: [t.text()], output: t.vector(3) }, () => [1, 2, 3]),
})
const brightness = udf({ name: 'brightness', input: [t.image()], output: t.float() }, () => 1)
const shout = udf({ name: 'shout', input: [t.text()], output: t.text() }, (text) => text.toUpperCase())

const videos = table('videos', {
  slug: t.text().unique(),
  title: t.text(),
  frame: t.image(),
  year: t.int().nullable(),
  state: t.enum('draft', 'live').default('draft'),
})
  .computed('brightness', (v) => brightness(v.frame))
  .computed('dark', (v) => v.brightness.lt(40))
  .computed('maybe', (v) => shout(v.title), { when: (v) => v.dark })
  .embeddingIndex('frame', pictures)
const posts = table('posts', { body: t.text() })
const pipeline = { videos, posts, helper: () => 1, words, text: 'not a definition' }
/** A definition under a name that awaiting the database would call. */
declare const awaited: Record<'then', typeof posts>
const row = { slug: 'b', title: 'Bangkok', frame: './b.jpg' }

// What is only compiled: nothing here runs.
type Db = Database<typeof pipeline>

test('the tables of definitions are on the database, other exports are not', () => {
  const use = (db: Db): void => {
    expectTypeOf(db.videos).toEqualTypeOf<Table<SchemaOf<typeof videos>>>()
    // @ts-expect-error a model is not a definition
    void db.words
    // @ts-expect-error nor is a function
    void db.helper
    expectTypeOf(db.table(posts)).toEqualTypeOf<Table<SchemaOf<typeof posts>>>()
    expectTypeOf(db.table('posts')).resolves.toHaveProperty('insert')
    // a function that works with any database takes this one
    const any: Database = db
    const methods: DatabaseMethods = db
    void [any, methods]
    expectTypeOf(db.kysely.selectFrom('live.posts').select(['_id', 'body']).execute()).resolves.toEqualTypeOf<{ _id: number; body: string }[]>()
    // @ts-expect-error no such column
    db.kysely.selectFrom('live.posts').select('bodi')
    db.kysely.insertInto('orders').values({ whatever: 1 })
  }
  void use
  const refuse = (): unknown => [
    // @ts-expect-error db.status is a method: export this definition under another name
    connect('memory:', { define: { status: posts } }),
    // @ts-expect-error awaiting the database would call it
    connect('memory:', { define: awaited }),
    // the same definition may be taken by any name
    connect('memory:', { define: { articles: posts } }).then((db) => db.articles.limit(1)),
    // @ts-expect-error connect() is a promise: `await using db = await connect()`
    (): AsyncDisposable => connect(),
  ]
  void refuse
})

test('rows are read with the nulls that a query may meet', () => {
  const use = async (db: Db): Promise<void> => {
    const read = await db.videos.select((v) => ({ slug: v.slug, dark: v.dark, deep: { year: v.year, hot: v.brightness.gt(200) }, s: shout(v.title) })).execute()
    expectTypeOf(read).toEqualTypeOf<{ slug: string; dark: boolean | null; deep: { year: number | null; hot: boolean | null }; s: string }[]>()
    const ready = await db.videos
      .ready()
      .select((v) => ({ dark: v.dark, maybe: v.maybe, year: v.year }))
      .executeTakeFirstOrThrow()
    expectTypeOf(ready).toEqualTypeOf<{ dark: boolean; maybe: string | null; year: number | null }>()
    expectTypeOf(await db.videos.executeTakeFirst())
      .exclude<undefined>()
      .toHaveProperty('brightness')
      .toEqualTypeOf<number | null>()
    expectTypeOf(await db.videos.ready().executeTakeFirstOrThrow())
      .toHaveProperty('brightness')
      .toEqualTypeOf<number>()
    db.videos.orderBy((v) => v.frame.similarity('a red car'), 'desc').limit(3)
    db.videos.where((v) => v.dark.not()).where((v) => v.brightness.cell.status.eq('ok'))
    // @ts-expect-error no index on this one
    db.videos.orderBy((v) => void v.title.similarity('a red car'))
    // @ts-expect-error the model does not embed numbers
    db.videos.orderBy((v) => v.frame.similarity(5))
    // @ts-expect-error no such column
    db.videos.where((v) => void v.brightnes)
    // @ts-expect-error a number is compared with text
    db.videos.where((v) => v.brightness.lt('40'))
    // @ts-expect-error not a condition
    db.videos.where((v) => v.brightness)
    // @ts-expect-error operators of JavaScript make no condition
    db.videos.where((v) => v.brightness < 40)
    // @ts-expect-error two types in when()
    db.videos.select((v) => ({ x: when(v.dark, v.title, 1) }))
  }
  void use
})

test('rows are written as they are declared', () => {
  const use = async (db: Db): Promise<void> => {
    await db.videos.insert([row, { ...row, year: 2024, state: 'live', frame: new Uint8Array() }], { wait: ['dark', 'maybe'] })
    await db.videos.insert(new Set([row]))
    await db.videos.insert(
      (function* () {
        yield row
      })(),
    )
    await db.videos.insert(
      (async function* () {
        yield row
      })(),
    )
    await db.videos.upsert([row], { on: 'slug' })
    await db.videos.where((v) => v.year.isNull()).update((v) => ({ title: v.title.upper().concat('!'), year: null }))
    await db.transaction(async (tx) => {
      expectTypeOf((await tx.table(db.videos).insert([row])).ids).toEqualTypeOf<readonly number[]>()
      return tx
        .table(posts)
        .where((p) => p.body.eq(''))
        .delete()
    })
    // @ts-expect-error rows, not a row
    await db.videos.insert(row)
    // @ts-expect-error 'frame' is missing
    await db.videos.insert([row, { slug: 'b', title: 'Bangkok' }])
    // @ts-expect-error no such column
    await db.videos.insert([{ ...row, titel: 'Bangkok' }])
    // @ts-expect-error a wrong type
    await db.videos.insert([{ ...row, title: 5 }])
    // @ts-expect-error not one of the enum
    await db.videos.insert([{ ...row, state: 'gone' }])
    // @ts-expect-error 'dark' is computed: Vivant writes it
    await db.videos.insert([{ ...row, dark: true }])
    // @ts-expect-error title is not computed, there is nothing to wait for
    await db.videos.insert([row], { wait: ['title'] })
    // @ts-expect-error title is not unique
    await db.videos.upsert([row], { on: 'title' })
    // @ts-expect-error 'brightness' is computed
    await db.videos.where((v) => v.dark).update({ brightness: 1 })
    // @ts-expect-error may be null, the column not
    await db.videos.where((v) => v.dark).update((v) => ({ title: v.title.split(' ').at(0) }))
    // @ts-expect-error all rows of a table are updated only through a condition
    void db.videos.update
  }
  void use
})

test('each call of a chain knows the columns before it', () => {
  const use = async (db: Db): Promise<void> => {
    const pending = db.createTable('things', { n: t.int(), title: t.text() }, { index: [['title', 'n']] }).addComputedColumn('next', (thing) => thing.n.add(1))
    expectTypeOf(pending).toHaveProperty('then')
    const things = await pending
    expectTypeOf(things).not.toHaveProperty('then')
    expectTypeOf<SchemaOf<typeof things>['columns']['next']>().toEqualTypeOf<Column<NumberType, 'computed'>>()
    const made = async () => things.addComputedColumn('loud', (thing) => thing.title.upper())
    expectTypeOf((await made()).select((thing) => ({ loud: thing.loud })).execute()).resolves.toEqualTypeOf<{ loud: string | null }[]>()

    const renamed = await things.renameColumn('next', 'following').addComputedColumn('twice', (thing) => thing.following.mul(2))
    expectTypeOf<keyof SchemaOf<typeof renamed>['columns']>().toEqualTypeOf<'n' | 'title' | 'following' | 'twice'>()
    const dropped = await renamed.dropColumn('twice').dropColumn('title')
    expectTypeOf<keyof SchemaOf<typeof dropped>['columns']>().toEqualTypeOf<'n' | 'following'>()
    const replaced = await things.replaceComputedColumn('next', (thing) => thing.title.upper())
    expectTypeOf<SchemaOf<typeof replaced>['columns']['next']>().toEqualTypeOf<Column<TextType, 'computed'>>()
    const altered = await things.addColumn('extra', t.float().nullable()).alterColumn('n', t.text())
    expectTypeOf(altered.select((thing) => ({ n: thing.n, extra: thing.extra })).execute()).resolves.toEqualTypeOf<{ n: string; extra: number | null }[]>()
    const searchable = things.addEmbeddingIndex('title', words)
    expectTypeOf((await searchable).orderBy((thing) => thing.title.similarity('cats'))).toHaveProperty('execute')
    // a renamed column is searchable still
    ;(await searchable.renameColumn('title', 'name')).orderBy((thing) => thing.name.similarity('cats'))
    expectTypeOf(things.addIndex(['n', 'title'])).toEqualTypeOf<PendingTable<SchemaOf<typeof things>>>()

    // @ts-expect-error 'things' already has a column 'title'
    things.addComputedColumn('title', (thing) => thing.title.upper())
    // @ts-expect-error reserved
    things.addComputedColumn('_x', (thing) => thing.title.upper())
    // @ts-expect-error reserved
    db.createTable('x', { _id: t.int() })
    // @ts-expect-error no such column
    db.createTable('x', { a: t.int() }, { index: [['b']] })
    // @ts-expect-error a value where an expression is expected
    things.addComputedColumn('x', () => 5)
    // @ts-expect-error an argument of another type
    things.addComputedColumn('x', (thing) => shout(thing.n))
    // @ts-expect-error this model embeds image, but the column 'title' is text
    things.addEmbeddingIndex('title', pictures)
    // @ts-expect-error no such column
    things.addEmbeddingIndex('titel', words)
    // @ts-expect-error title is not computed
    things.replaceComputedColumn('title', (thing) => thing.n)
    // @ts-expect-error there is a column 'n'
    things.renameColumn('title', 'n')
    // @ts-expect-error no such column
    things.dropColumn('nothing')
    // @ts-expect-error no such column
    things.addIndex(['n', 'nothing'])
    // @ts-expect-error n is not computed
    void things.failures({ column: 'n' })
    // @ts-expect-error n is not computed
    void things.recompute('n')
  }
  void use
})

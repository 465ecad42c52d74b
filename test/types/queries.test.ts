import { expectTypeOf, test } from 'vitest'
import {
  type BooleanExpression,
  type CellStatus,
  type ChangeResult,
  type Database,
  type Executable,
  type GroupedQuery,
  type OptionalQueryRow,
  type Explanation,
  type JsonExpression,
  type NumberExpression,
  type Query,
  type QueryRow,
  type QuerySql,
  type ReadRow,
  type ReadyQueryRow,
  type ReadyRow,
  type ReadySelectRow,
  type SchemaOf,
  type SelectRow,
  type TableQuery,
  aggregate,
  count as rows,
  lit,
  t,
  table,
  udf,
} from 'vivant'

const count = udf({ name: 'count', input: [t.text()], output: t.int() }, (text) => text.length)
const posts = table('posts', {
  slug: t.text().unique(),
  year: t.int().nullable(),
  cover: t.image().nullable(),
  meta: t.json<{ color?: string }>(),
}).computed('length', (post) => count(post.slug))

type S = SchemaOf<typeof posts>
type Row = QueryRow<S>
interface All {
  _id: number
  slug: string
  year: number | null
  meta: { color?: string }
  length: number | null
}
type Db = Database<{ posts: typeof posts }>

// What is only compiled: nothing here runs.

test('a query has these clauses and calls', () => {
  type Calls = 'execute' | 'executePage' | 'executeTakeFirst' | 'executeTakeFirstOrThrow' | 'count' | 'stream' | 'toSQL' | 'explain'
  type Clauses = 'orderBy' | 'limit' | 'offset' | 'select' | 'distinct' | 'join' | 'leftJoin' | 'groupBy' | 'distinctOn' | 'sample' | 'after'
  expectTypeOf<keyof Executable<All>>().toEqualTypeOf<Calls>()
  expectTypeOf<keyof Query<[Row], All>>().toEqualTypeOf<Calls | Clauses | 'where'>()
  expectTypeOf<keyof TableQuery<S>>().toEqualTypeOf<Calls | Clauses | 'where' | 'ready' | 'fresh' | 'update' | 'delete'>()
})

test('rows of queries: columns, _id, _status, and the cells of computed columns', () => {
  expectTypeOf<Row>().toExtend<ReadRow<S>>()
  expectTypeOf<ReadyQueryRow<S>>().toExtend<ReadyRow<S>>()
  expectTypeOf<Row['_id']>().toEqualTypeOf<NumberExpression<never>>()
  expectTypeOf<Row['_status']>().toEqualTypeOf<JsonExpression<{ readonly [column: string]: CellStatus }, never>>()
  expectTypeOf<Row['length']>().toExtend<NumberExpression<null>>()
  expectTypeOf<ReadyQueryRow<S>['length']>().toExtend<NumberExpression<never>>()
  expectTypeOf<Pick<SelectRow<S>, keyof All>>().toEqualTypeOf<All>()
  expectTypeOf<ReadySelectRow<S>['length']>().toEqualTypeOf<number>()
})

test('each clause gives the query that it narrows', () => {
  const use = (db: Db): void => {
    const changeable = db.posts.where((post) => post.year.gt(2000))
    expectTypeOf(changeable).toEqualTypeOf<TableQuery<S>>()
    expectTypeOf(changeable.where((post) => post.length.lt(3).and(post.slug.isNull().not()))).toEqualTypeOf<TableQuery<S>>()
    expectTypeOf(db.posts.where(() => lit(true))).toEqualTypeOf<TableQuery<S>>()
    type Whole = Query<[Row], SelectRow<S>>
    expectTypeOf(db.posts.orderBy((post) => post.slug)).toEqualTypeOf<Whole>()
    expectTypeOf(db.posts.orderBy((post) => post.year.add(1), 'desc')).toEqualTypeOf<Whole>()
    expectTypeOf(db.posts.limit(1)).toEqualTypeOf<Whole>()
    expectTypeOf(db.posts.offset(1)).toEqualTypeOf<Whole>()
    expectTypeOf(db.posts.fresh({ timeoutMs: 3, signal: AbortSignal.abort() })).toEqualTypeOf<Whole>()
    expectTypeOf(changeable.fresh()).toEqualTypeOf<Whole>()
    type Ready = Query<[ReadyQueryRow<S>], ReadySelectRow<S>>
    expectTypeOf(db.posts.ready()).toEqualTypeOf<Ready>()
    expectTypeOf(changeable.ready()).toEqualTypeOf<Ready>()
    expectTypeOf(db.posts.ready().where((post) => post.length.gt(1))).toEqualTypeOf<Ready>()
    expectTypeOf(
      db.posts
        .ready()
        .orderBy((post) => post.length)
        .limit(3)
        .offset(1),
    ).toEqualTypeOf<Ready>()
    const selected = db.posts.select((post) => ({ a: post.year, b: { c: post.length.gt(3), status: post._status } }))
    expectTypeOf(selected).toEqualTypeOf<Query<[Row], { a: number | null; b: { c: boolean | null; status: { readonly [column: string]: CellStatus } } }>>()
    expectTypeOf(selected.select((post) => ({ only: post.slug }))).toEqualTypeOf<Query<[Row], { only: string }>>()
    expectTypeOf(db.posts.select((post) => ({ cell: post.length.cell })).executeTakeFirstOrThrow())
      .resolves.toHaveProperty('cell')
      .toExtend<{ status: CellStatus; attempts: number | null; computedAt: Date | null; error: { readonly code: string; readonly message: string } | null }>()
    expectTypeOf(db.posts.select((post) => post.length.cell).executeTakeFirstOrThrow())
      .resolves.toHaveProperty('micros')
      .toEqualTypeOf<number | null>()
    // a function runs on the rows that come back
    expectTypeOf(db.posts.select((post) => ({ n: count(post.slug) })).execute()).resolves.toEqualTypeOf<{ n: number }[]>()

    // @ts-expect-error a condition, not a value
    db.posts.where((post) => post.slug)
    // @ts-expect-error a condition, not a truth
    db.posts.where(() => true)
    // @ts-expect-error no such column
    db.posts.orderBy((post) => void post.slugg)
    // @ts-expect-error a sort key is an expression
    db.posts.orderBy('slug')
    // @ts-expect-error it goes 'asc' or 'desc'
    db.posts.orderBy((post) => post.slug, 'descending')
    // @ts-expect-error a number of rows
    db.posts.limit('3')
    // @ts-expect-error a number of rows
    db.posts.offset(lit(3))
    // @ts-expect-error what is selected has names
    db.posts.select((post) => post.slug)
    // @ts-expect-error a list has none
    db.posts.select((post) => [post.slug])
    // @ts-expect-error a constant is lit(1)
    db.posts.select(() => ({ one: 1 }))
    // @ts-expect-error ready() comes first: a query that sorts is no table any more
    void db.posts.limit(1).ready
    // @ts-expect-error a stored column has no cell
    db.posts.select((post) => void post.slug.cell)
  }
  void use
})

test('each call gives its result, and takes a signal', () => {
  const use = async (db: Db): Promise<void> => {
    const { signal } = new AbortController()
    const query = db.posts.select((post) => ({ year: post.year }))
    interface Year {
      year: number | null
    }
    expectTypeOf(query.execute({ signal })).toEqualTypeOf<Promise<Year[]>>()
    expectTypeOf(query.executeTakeFirst({ signal })).toEqualTypeOf<Promise<Year | undefined>>()
    expectTypeOf(query.executeTakeFirstOrThrow({ signal })).toEqualTypeOf<Promise<Year>>()
    expectTypeOf(query.count({ signal })).toEqualTypeOf<Promise<number>>()
    expectTypeOf(query.stream({ signal, chunkSize: 10 })).toEqualTypeOf<AsyncIterable<Year>>()
    expectTypeOf(query.toSQL({ signal })).toEqualTypeOf<Promise<QuerySql>>()
    expectTypeOf(query.explain({ signal, analyze: true })).toEqualTypeOf<Promise<Explanation>>()
    expectTypeOf<keyof Explanation>().toEqualTypeOf<'sql' | 'parameters' | 'plan' | 'reason' | 'lines' | 'functions'>()
    expectTypeOf((await query.explain()).plan).toEqualTypeOf<'hnsw' | 'exact' | null>()
    for await (const row of db.posts.stream()) expectTypeOf(row.length).toEqualTypeOf<number | null>()
    for await (const row of db.posts.ready().stream()) expectTypeOf(row.length).toEqualTypeOf<number>()

    // @ts-expect-error no such option
    await query.execute({ timeoutMs: 3 })
    // @ts-expect-error no such option
    query.stream({ pageSize: 3 })
    // @ts-expect-error true or false
    await query.explain({ analyze: 'yes' })
    // @ts-expect-error a stream is no promise
    void query.stream().then
    // @ts-expect-error possibly undefined
    void (await query.executeTakeFirst()).year
    // @ts-expect-error possibly null
    void (await query.executeTakeFirstOrThrow()).year.toFixed()
    // @ts-expect-error possibly undefined
    void (await query.execute())[0].year
  }
  void use
})

test('update and delete change what a condition leaves', () => {
  const use = async (db: Db): Promise<void> => {
    const old = db.posts.where((post) => post.year.lt(1900))
    expectTypeOf(old.update({ slug: 'x' }, { signal: AbortSignal.abort() })).toEqualTypeOf<Promise<ChangeResult>>()
    expectTypeOf<ChangeResult>().toEqualTypeOf<{ readonly count: number }>()
    expectTypeOf(old.update((post) => ({ slug: post.slug.upper(), year: null, cover: './x.jpg', meta: { color: 'red' } }))).toEqualTypeOf<
      Promise<ChangeResult>
    >()
    expectTypeOf(old.update({ year: lit(3).add(1) })).toEqualTypeOf<Promise<ChangeResult>>()
    // an expression may be null where the column may
    expectTypeOf(old.update((post) => ({ year: post.year.add(1) }))).toEqualTypeOf<Promise<ChangeResult>>()
    expectTypeOf(old.delete({ signal: AbortSignal.abort() })).toEqualTypeOf<Promise<ChangeResult>>()

    // @ts-expect-error no such column
    await old.update({ slugg: 'x' })
    // @ts-expect-error not nullable
    await old.update({ slug: null })
    // @ts-expect-error may be null, the column not
    await old.update((post) => ({ slug: post.year.cast(t.text()) }))
    // @ts-expect-error another type
    await old.update((post) => ({ year: post.slug }))
    // @ts-expect-error 'length' is computed: Vivant writes it, an insert or update cannot
    await old.update({ length: 3 })
    // @ts-expect-error it is made from the input's type
    await old.update({ meta: { color: 3 } })
    // @ts-expect-error needs a where
    void db.posts.delete
    // @ts-expect-error a query with a limit is read only
    void old.limit(1).delete
    // @ts-expect-error a query that selects is read only
    void old.select((post) => ({ slug: post.slug })).update
    // @ts-expect-error a query that waits is read only
    void old.fresh().delete
  }
  void use
})

test('the condition of a query is any boolean expression, null or not', () => {
  const use = (db: Db, yes: BooleanExpression<never>, maybe: BooleanExpression<null>): unknown => [db.posts.where(() => yes), db.posts.where(() => maybe)]
  void use
})

const tags = table('tags', { post: t.int(), label: t.text(), weight: t.float().nullable() })
type Tags = SchemaOf<typeof tags>
type TagDb = Database<{ posts: typeof posts; tags: typeof tags }>

test('a join adds a row to the callbacks, a left join one whose columns may be null', () => {
  const use = (db: TagDb): void => {
    const joined = db.posts.join(tags, (post, tag) => tag.post.eq(post._id).and(post.length.gt(1)))
    expectTypeOf(joined).toEqualTypeOf<Query<[Row, QueryRow<Tags>], SelectRow<S>>>()
    expectTypeOf(db.posts.leftJoin(db.tags, (post, tag) => tag.post.eq(post._id))).toEqualTypeOf<Query<[Row, OptionalQueryRow<Tags>], SelectRow<S>>>()
    const left = db.posts
      .ready()
      .leftJoin(tags, (post, tag) => tag.post.eq(post._id))
      .select((post, tag) => ({ length: post.length, id: tag._id, label: tag.label, status: tag._status }))
    expectTypeOf(left.execute()).resolves.toEqualTypeOf<
      { length: number; id: number | null; label: string | null; status: { readonly [column: string]: CellStatus } | null }[]
    >()
    // @ts-expect-error a condition
    db.posts.join(tags, (post, tag) => tag.post)
    // @ts-expect-error no such column of the second row
    db.posts.join(tags, (_post, tag) => void tag.postt)
    // @ts-expect-error what is joined is a table
    db.posts.join('tags', () => lit(true))
    // @ts-expect-error only rows of one table are deleted
    void joined.delete
  }
  void use
})

test('groups: keys first, then rows whose columns are aggregates', () => {
  const use = (db: TagDb): void => {
    const groups = db.tags.groupBy((tag) => ({ label: tag.label }))
    expectTypeOf(groups).toExtend<Executable<{ label: string }>>()
    const selected = groups.select((key, tag) => ({
      label: key.label.upper(),
      n: rows(),
      some: tag.weight.count(),
      total: tag.weight.sum(),
      posts: tag.post.max(),
      heavy: tag.post.where(tag._id as never).min(),
      labels: tag.label.list(),
      first: tag.label.min(),
    }))
    type Result = {
      label: string
      n: number
      some: number
      total: number | null
      posts: number
      heavy: number | null
      labels: readonly string[]
      first: string
    }
    expectTypeOf(selected.execute()).resolves.toEqualTypeOf<Result[]>()
    const whole = db.tags
      .groupBy(
        () => ({}),
        (tag) => ({ twice: tag.post.mul(2), light: tag.weight.lt(1) }),
      )
      .select((_key, tag, value) => ({ last: tag.post.max(), twice: value.twice.sum(), any: value.light.any(), light: rows(value.light) }))
    expectTypeOf(whole.execute()).resolves.toEqualTypeOf<{ last: number | null; twice: number | null; any: boolean | null; light: number }[]>()
    const joined = db.posts.join(tags, (post, tag) => tag.post.eq(post._id)).groupBy((post) => ({ slug: post.slug }))
    expectTypeOf(joined.having((_key, post, tag) => tag.weight.avg().gt(post.year.min()))).toExtend<GroupedQuery<never, { slug: string }> | object>()
    const product = aggregate(
      { name: 'product', input: [t.float(), t.text().nullable()], output: t.float() },
      { start: () => 1, add: (all, value) => all * value, finish: (all) => all },
    )
    expectTypeOf(groups.select((_key, tag) => ({ x: product(tag.weight, tag.label) })).execute()).resolves.toEqualTypeOf<{ x: number }[]>()

    // @ts-expect-error a column is no aggregate
    groups.select((_key, tag) => ({ post: tag.post }))
    // @ts-expect-error a text has no average
    groups.select((_key, tag) => void tag.label.avg)
    // @ts-expect-error the wrong type of column
    groups.select((_key, tag) => ({ x: product(tag.label, tag.label) }))
    // @ts-expect-error a boolean column
    groups.select((_key, tag) => ({ x: tag.post.where(tag.label).sum() }))
    // @ts-expect-error groups are chosen by having
    void groups.where
    // @ts-expect-error no such key
    groups.orderBy((key) => void key.labell)
  }
  void use
})

import { expectTypeOf, test } from 'vitest'
import {
  type Alterable,
  type AnyTableSchema,
  type BackfillEstimate,
  type BackfillHandle,
  type BackfillProgress,
  type CellFailure,
  type CellReport,
  type Column,
  type ColumnBuilder,
  type ColumnLineage,
  type Database,
  type DateType,
  type InsertResult,
  type NumberType,
  type PendingTable,
  type RetryResult,
  type RunResult,
  type SchemaOf,
  type Table,
  type TableRows,
  type TextType,
  type UserTransaction,
  embeddingModel,
  lit,
  t,
  table,
  udf,
} from 'vivant'

const shout = udf({ name: 'shout', input: [t.text()], output: t.text() }, (text) => text.toUpperCase())
const words = embeddingModel({ name: 'words', embed: udf({ name: 'embed', input: [t.text()], output: t.vector(3) }, () => [1, 2, 3]) })
const posts = table('posts', { slug: t.text().unique(), title: t.text(), born: t.date().nullable() }).computed('loud', (post) => shout(post.title))
type S = SchemaOf<typeof posts>
type Db = Database<{ posts: typeof posts }>
type Result<H> = H extends PendingTable<infer R> ? R['columns'] : never

// What is only compiled: nothing here runs.

test('handles have these methods', () => {
  type Reading =
    | 'orderBy'
    | 'limit'
    | 'offset'
    | 'select'
    | 'execute'
    | 'executeTakeFirst'
    | 'executeTakeFirstOrThrow'
    | 'count'
    | 'stream'
    | 'toSQL'
    | 'explain'
    | 'join'
    | 'leftJoin'
    | 'groupBy'
    | 'distinct'
    | 'distinctOn'
    | 'sample'
    | 'after'
    | 'executePage'
  type Rows = Reading | 'name' | 'where' | 'ready' | 'fresh' | 'insert' | 'upsert'
  type Altering =
    | 'addComputedColumn'
    | 'addEmbeddingIndex'
    | 'replaceComputedColumn'
    | 'addColumn'
    | 'alterColumn'
    | 'renameColumn'
    | 'dropColumn'
    | 'dropEmbeddingIndex'
    | 'addIndex'
  type Named<X> = Exclude<keyof X, symbol>
  expectTypeOf<Named<TableRows<S>>>().toEqualTypeOf<Rows>()
  expectTypeOf<Named<Alterable<S>>>().toEqualTypeOf<Altering>()
  expectTypeOf<Named<PendingTable<S>>>().toEqualTypeOf<Altering | 'name' | 'of' | 'then'>()
  expectTypeOf<Named<Table<S>>>().toEqualTypeOf<
    Rows | Altering | 'of' | 'using' | 'failures' | 'retry' | 'recompute' | 'refresh' | 'cell' | 'backfill' | 'lineage'
  >()
  expectTypeOf<keyof BackfillHandle>().toEqualTypeOf<'progress' | 'estimate' | 'pause' | 'resume' | 'throttle' | 'cancel' | 'done'>()
})

test('a handle knows its name, and a definition has it too', () => {
  expectTypeOf<Table<S>['name']>().toEqualTypeOf<'posts'>()
  expectTypeOf<PendingTable<S>['name']>().toEqualTypeOf<'posts'>()
  expectTypeOf(posts.name).toEqualTypeOf<'posts'>()
  expectTypeOf<keyof Omit<typeof posts, symbol>>().toExtend<'name' | 'of' | 'computed' | 'embeddingIndex'>()
})

test('insert and upsert', () => {
  const use = async (db: Db): Promise<void> => {
    const row = { slug: 'a', title: 'A' }
    const options = {
      wait: true,
      timeoutMs: 1,
      onProgress: () => {},
      onInvalid: 'skip',
      ids: false,
      signal: AbortSignal.abort(),
      mediaConcurrency: 2,
    } as const
    expectTypeOf(db.posts.insert([row], options)).toEqualTypeOf<Promise<InsertResult>>()
    expectTypeOf(db.posts.insert([row], { wait: ['loud'] })).toEqualTypeOf<Promise<InsertResult>>()
    const result = await db.posts.insert([{ ...row, born: null }])
    expectTypeOf(result.ids).toEqualTypeOf<readonly number[]>()
    expectTypeOf(result.count).toEqualTypeOf<number>()
    expectTypeOf(result.run).toEqualTypeOf<RunResult | undefined>()
    expectTypeOf(result.invalid).toEqualTypeOf<readonly { readonly index: number; readonly column: string | null; readonly reason: string }[]>()
    const upserted = await db.posts.upsert([row], { on: 'slug', onInvalid: 'error' })
    expectTypeOf(upserted.ids).toEqualTypeOf<readonly number[]>()
    await db.posts.upsert(new Set([row]), { on: ['slug', 'title'] })

    // @ts-expect-error a field is missing
    await db.posts.insert([{ slug: 'a' }])
    // @ts-expect-error an expression is no value of a new row
    await db.posts.insert([{ slug: 'a', title: lit('A') }])
    // @ts-expect-error `error` or `skip`
    await db.posts.insert([row], { onInvalid: 'ignore' })
    // @ts-expect-error 'title' is not computed
    await db.posts.insert([row], { wait: ['loud', 'title'] })
    // @ts-expect-error upsert needs to know by what
    await db.posts.upsert([row])
    // @ts-expect-error 'title' alone is not unique
    await db.posts.upsert([row], { on: 'title' })
    // @ts-expect-error there is no such column
    await db.posts.upsert([row], { on: ['slug', 'titel'] })
    // @ts-expect-error upsert does not wait: use settled()
    await db.posts.upsert([row], { on: 'slug', wait: true })
  }
  void use
})

test('looking after cells', () => {
  const use = async (db: Db): Promise<void> => {
    expectTypeOf(db.posts.failures()).toEqualTypeOf<Promise<readonly CellFailure[]>>()
    expectTypeOf(db.posts.failures({ column: 'loud', limit: 3 })).toEqualTypeOf<Promise<readonly CellFailure[]>>()
    expectTypeOf<keyof CellFailure>().toEqualTypeOf<'id' | 'column' | 'code' | 'message' | 'stack' | 'attempts' | 'at'>()
    expectTypeOf(db.posts.retry({ column: 'loud', ids: [1] })).toEqualTypeOf<Promise<RetryResult>>()
    expectTypeOf(db.posts.recompute('loud')).toEqualTypeOf<Promise<RunResult>>()
    expectTypeOf(db.posts.recompute('loud', { where: [1, 2], wait: false, timeoutMs: 1, signal: AbortSignal.abort() })).toEqualTypeOf<Promise<RunResult>>()
    expectTypeOf(db.posts.recompute('loud', { where: (post) => post.loud.isNull().or(post.loud.cell.status.eq('failed')) })).toEqualTypeOf<Promise<RunResult>>()
    expectTypeOf(db.posts.cell(1, 'loud')).toEqualTypeOf<Promise<CellReport>>()
    expectTypeOf(db.posts.lineage()).toEqualTypeOf<Promise<readonly ColumnLineage[]>>()
    expectTypeOf<keyof ColumnLineage>().toEqualTypeOf<'column' | 'kind' | 'expression' | 'when' | 'reads' | 'readBy'>()
    const backfill = db.posts.backfill('loud')
    expectTypeOf(backfill).toEqualTypeOf<BackfillHandle>()
    expectTypeOf(backfill.progress()).toEqualTypeOf<Promise<BackfillProgress>>()
    expectTypeOf(backfill.estimate()).toEqualTypeOf<Promise<BackfillEstimate>>()
    expectTypeOf(backfill.pause()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(backfill.resume()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(backfill.throttle(null)).toEqualTypeOf<Promise<void>>()
    expectTypeOf(backfill.cancel()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(backfill.done({ timeoutMs: 1, onProgress: ({ etaMs }) => expectTypeOf(etaMs).toEqualTypeOf<number | null>() })).toEqualTypeOf<
      Promise<BackfillProgress>
    >()

    // @ts-expect-error 'title' is not computed
    await db.posts.failures({ column: 'title' })
    // @ts-expect-error 'title' is not computed
    await db.posts.retry({ column: 'title' })
    // @ts-expect-error 'title' is not computed
    await db.posts.cell(1, 'title')
    // @ts-expect-error 'title' is not computed
    db.posts.backfill('title')
    // @ts-expect-error ids are numbers
    await db.posts.recompute('loud', { where: ['1'] })
    // @ts-expect-error a condition over rows
    await db.posts.recompute('loud', { where: (post) => post.title })
    // @ts-expect-error which column?
    await db.posts.recompute()
    // @ts-expect-error rows a second, or null
    await backfill.throttle('100')
  }
  void use
})

test('the rows of a table in a transaction of the user’s own', () => {
  const use = (db: Db, transaction: UserTransaction): void => {
    expectTypeOf(db.posts.using(transaction)).toEqualTypeOf<TableRows<S>>()
    // @ts-expect-error schemas are not changed in it
    void db.posts.using(transaction).addColumn
    // @ts-expect-error a URL is no connection
    db.posts.using('postgres://localhost/x')
  }
  void use
})

test('each change of the schema gives the handle of the table as it is then', () => {
  const use = async (db: Db): Promise<void> => {
    const { posts: handle } = db
    expectTypeOf<Result<ReturnType<typeof computed>>['size']>().toEqualTypeOf<Column<NumberType, 'computed'>>()
    const computed = () => handle.addComputedColumn('size', (post) => post.title.length())
    const conditional = () =>
      handle.addComputedColumn('twice', (post) => shout(post.title), {
        when: (post) => post.born.gt('2000-01-01'),
        onError: { stop: { above: 0.05 } },
        priority: 3,
        retry: { attempts: 1 },
        description: 'twice as loud',
        onCodeChange: 'manual',
      })
    expectTypeOf<Result<ReturnType<typeof conditional>>['twice']>().toEqualTypeOf<Column<TextType, 'computed' | 'nullable'>>()
    const replaced = () => handle.replaceComputedColumn('loud', (post) => post.title.length())
    expectTypeOf<Result<ReturnType<typeof replaced>>['loud']>().toEqualTypeOf<Column<NumberType, 'computed'>>()
    const added = () => handle.addColumn('died', t.date().nullable())
    expectTypeOf<Result<ReturnType<typeof added>>['died']>().toEqualTypeOf<ColumnBuilder<DateType, 'nullable'>>()
    const altered = () => handle.alterColumn('born', t.date())
    expectTypeOf<Result<ReturnType<typeof altered>>['born']>().toEqualTypeOf<ColumnBuilder<DateType, never>>()
    const renamed = () => handle.renameColumn('born', 'birthday')
    expectTypeOf<keyof Result<ReturnType<typeof renamed>>>().toEqualTypeOf<'slug' | 'title' | 'birthday' | 'loud'>()
    const dropped = () => handle.dropColumn('born')
    expectTypeOf<keyof Result<ReturnType<typeof dropped>>>().toEqualTypeOf<'slug' | 'title' | 'loud'>()
    const searchable = () => handle.addEmbeddingIndex('title', words, { name: 'meaning', metric: 'l2' })
    expectTypeOf<SchemaOf<ReturnType<typeof searchable>>['indexes']>().toEqualTypeOf<{} & { readonly title: string }>()
    expectTypeOf(handle.dropEmbeddingIndex('meaning')).toEqualTypeOf<PendingTable<S>>()
    expectTypeOf(handle.addIndex('title', { unique: true, ordered: true, name: 'by_title' })).toEqualTypeOf<PendingTable<S>>()
    expectTypeOf(handle.addIndex(['slug', 'loud'])).toEqualTypeOf<PendingTable<S>>()
    expectTypeOf(await handle.addIndex('title')).toEqualTypeOf<Table<S>>()

    // @ts-expect-error no such column in `when`
    handle.addComputedColumn('x', (post) => post.title, { when: (post) => void post.dark })
    // @ts-expect-error no such policy
    handle.addComputedColumn('x', (post) => post.title, { onError: 'ignore' })
    // @ts-expect-error no such policy
    handle.addComputedColumn('x', (post) => post.title, { onCodeChange: 'never' })
    // @ts-expect-error no such option
    handle.addComputedColumn('x', (post) => post.title, { wen: () => lit(true) })
    // @ts-expect-error a name that is reserved
    handle.addColumn('a$b', t.int())
    // @ts-expect-error a name that is taken
    handle.addColumn('loud', t.int())
    // @ts-expect-error no column's type
    handle.addColumn('x', 'text')
    // @ts-expect-error no such column
    handle.alterColumn('titel', t.int())
    // @ts-expect-error a name that is reserved
    handle.renameColumn('title', '_title')
    // @ts-expect-error no such metric
    handle.addEmbeddingIndex('title', words, { metric: 'manhattan' })
    // @ts-expect-error a function is no model
    handle.addEmbeddingIndex('title', shout)
    // @ts-expect-error no such option
    handle.addIndex('title', { method: 'gin' })
    // @ts-expect-error a handle of another table is another type
    const other: Table<SchemaOf<typeof posts>> = await handle.dropColumn('born')
    void other
    // @ts-expect-error rows are not written before the table is there
    void handle.dropColumn('born').insert
  }
  void use
})

test('a table that is known by its name alone takes every name for a column', () => {
  const use = async (db: Db): Promise<void> => {
    const any = await db.table('anything')
    expectTypeOf(any).toEqualTypeOf<Table<AnyTableSchema>>()
    await any.insert([{ whatever: 1, title: 'x' }])
    expectTypeOf(any.select((row) => ({ x: row['x']!.as(t.text()) })).execute()).resolves.toEqualTypeOf<{ x: string | null }[]>()
  }
  void use
})

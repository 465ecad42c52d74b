import type { Pool } from 'pg'
import { expect, expectTypeOf, test } from 'vitest'
import {
  type AnyKysely,
  type AnyTableSchema,
  type ApplyOptions,
  type ConnectOptions,
  type Database,
  type DatabaseMethods,
  type DatabaseStatus,
  type DefinitionPlan,
  type DoctorReport,
  type ErrorCode,
  type FunctionModule,
  type MediaReference,
  type MigrateResult,
  type PendingTable,
  type PlannedColumn,
  type RunResult,
  type SchemaOf,
  type Table,
  type TableRows,
  type TableSchema,
  type Transaction,
  connect,
  isVivantError,
  loadModules,
  migrateDatabase,
  PermanentError,
  reference,
  resource,
  RetryAfter,
  runWorker,
  t,
  table,
  udf,
  VivantError,
} from 'vivant'
import * as vivant from 'vivant'

const posts = table('posts', { slug: t.text().unique() })
const twice = udf({ name: 'twice', input: [t.int()], output: t.int() }, (n) => n * 2)
const model = resource({ name: 'model', create: () => new Map<string, number>(), dispose: (map) => map.clear() })
type S = SchemaOf<typeof posts>

// What is only compiled: nothing here runs, but where it says expect().

test('vivant exports these values', () => {
  const names =
    'PermanentError RetryAfter VivantError aggregate connect count each embeddingModel exists history isVivantError iterator lit loadModules migrateDatabase now obj prompt reference'
  expect(Object.keys(vivant).toSorted()).toEqual([...names.split(' '), 'resource', 'runWorker', 'subquery', 't', 'table', 'udf', 'view', 'when'])
})

test('a database has these methods', () => {
  expectTypeOf<Exclude<keyof DatabaseMethods, symbol>>().toEqualTypeOf<
    | 'adopt'
    | 'planAdoption'
    | 'release'
    | 'createTable'
    | 'createView'
    | 'table'
    | 'tables'
    | 'dropTable'
    | 'renameTable'
    | 'plan'
    | 'apply'
    | 'transaction'
    | 'settled'
    | 'status'
    | 'doctor'
    | 'collectGarbage'
    | 'mediaStatistics'
    | 'kysely'
    | 'close'
  >()
  expectTypeOf<DatabaseMethods>().toExtend<AsyncDisposable>()
})

test('tables are made, found, renamed and dropped', () => {
  const use = async (db: Database): Promise<void> => {
    const columns = { a: t.int(), b: t.text() }
    expectTypeOf(
      db.createTable('x', columns, { primaryKey: ['a'], unique: [['a', 'b']], index: [['b']], description: 'x' }, { ifExists: 'replace' }),
    ).toEqualTypeOf<PendingTable<TableSchema<'x', typeof columns>>>()
    expectTypeOf(db.table(posts)).toEqualTypeOf<Table<S>>()
    expectTypeOf(db.table(db.table(posts))).toEqualTypeOf<Table<S>>()
    expectTypeOf(db.table(db.createTable('x', columns))).toEqualTypeOf<Table<TableSchema<'x', typeof columns>>>()
    expectTypeOf(db.table('posts')).toEqualTypeOf<Promise<Table<AnyTableSchema>>>()
    expectTypeOf(db.tables()).toEqualTypeOf<Promise<readonly Table<AnyTableSchema>[]>>()
    expectTypeOf(db.dropTable('x', { ifExists: true })).toEqualTypeOf<Promise<void>>()
    expectTypeOf(db.dropTable(posts)).toEqualTypeOf<Promise<void>>()
    expectTypeOf(db.renameTable(db.table(posts), 'y')).toEqualTypeOf<Promise<void>>()

    // @ts-expect-error a name is a text
    db.createTable(3, {})
    // @ts-expect-error columns are made by t
    db.createTable('x', { a: 'int' })
    // @ts-expect-error no such column
    db.createTable('x', columns, { primaryKey: ['c'] })
    // @ts-expect-error no such way
    db.createTable('x', columns, {}, { ifExists: 'keep' })
    // @ts-expect-error a function is no table
    await db.table(twice)
    // @ts-expect-error nor is a number
    await db.dropTable(3)
    // @ts-expect-error renamed to what?
    await db.renameTable('x')
    // @ts-expect-error a handle is no promise of a database
    void db.then
  }
  void use
})

test('definitions are planned and applied', () => {
  const use = async (db: Database, options: ApplyOptions): Promise<void> => {
    expectTypeOf(db.plan({ posts, twice })).toEqualTypeOf<Promise<DefinitionPlan>>()
    expectTypeOf(db.apply({ posts }, { allowDrop: true, allowRevert: true })).toEqualTypeOf<Promise<DefinitionPlan>>()
    expectTypeOf<keyof DefinitionPlan>().toEqualTypeOf<'created' | 'altered' | 'dropped' | 'recomputed' | 'recorded' | 'superseded'>()
    expectTypeOf((await db.plan({})).recomputed).toEqualTypeOf<readonly PlannedColumn[]>()
    expectTypeOf<PlannedColumn['reason']>().toEqualTypeOf<'new' | 'expression' | 'code'>()
    void options
    // @ts-expect-error a list has no names
    await db.apply(posts, { drop: true })
  }
  void use
})

test('a transaction has tables and Kysely, and gives what its callback gives', () => {
  const use = async (db: Database): Promise<void> => {
    const given = db.transaction(
      async (tx) => {
        expectTypeOf(tx).toEqualTypeOf<Transaction>()
        expectTypeOf(tx.table(posts)).toEqualTypeOf<TableRows<S>>()
        expectTypeOf(tx.table(db.table(posts))).toEqualTypeOf<TableRows<S>>()
        expectTypeOf(tx.table('posts')).toEqualTypeOf<Promise<TableRows<AnyTableSchema>>>()
        expectTypeOf(tx.kysely).toEqualTypeOf<AnyKysely>()
        // @ts-expect-error schemas are not changed in it
        void tx.table(posts).addColumn
        // @ts-expect-error a number is no table
        await tx.table(3)
        return (await tx.table(posts).insert([{ slug: 'a' }])).ids
      },
      { isolation: 'serializable', readOnly: false, lockTimeoutMs: 100 },
    )
    expectTypeOf(given).toEqualTypeOf<Promise<readonly number[]>>()
    expectTypeOf<keyof Transaction>().toEqualTypeOf<'table' | 'kysely'>()
    // @ts-expect-error the callback is asynchronous
    await db.transaction(() => 3)
    // @ts-expect-error no such isolation
    await db.transaction(async () => 3, { isolation: 'snapshot' })
  }
  void use
})

test('what is going on', () => {
  const use = async (db: Database): Promise<void> => {
    expectTypeOf(db.settled({ tables: ['posts'], timeoutMs: 1, signal: AbortSignal.abort(), onProgress: () => {} })).toEqualTypeOf<Promise<RunResult>>()
    expectTypeOf<keyof RunResult>().toEqualTypeOf<
      'ran' | 'skipped' | 'memoHits' | 'failed' | 'blocked' | 'retrying' | 'perColumn' | 'paused' | 'durationMs' | 'usage'
    >()
    expectTypeOf(db.status({ exactUpTo: 1000 })).toEqualTypeOf<Promise<DatabaseStatus>>()
    expectTypeOf<keyof DatabaseStatus>().toEqualTypeOf<'tables' | 'workers' | 'unserved' | 'declarations'>()
    expectTypeOf<keyof DatabaseStatus['tables'][number]['columns'][number]>().toEqualTypeOf<
      | 'name'
      | 'pool'
      | 'version'
      | 'ok'
      | 'pending'
      | 'stale'
      | 'error'
      | 'failed'
      | 'blocked'
      | 'skipped'
      | 'perSecond'
      | 'etaMs'
      | 'backfill'
      | 'paused'
      | 'pendingCode'
    >()
    expectTypeOf(db.doctor({ repair: true })).toEqualTypeOf<Promise<DoctorReport>>()
    expectTypeOf<keyof DoctorReport>().toEqualTypeOf<'healthy' | 'findings' | 'repaired'>()
    expectTypeOf(db.kysely).toEqualTypeOf<AnyKysely>()
    expectTypeOf(db.close()).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error names of tables
    await db.settled({ tables: [posts] })
    // @ts-expect-error no such option
    await db.status({ sample: 10 })
    // @ts-expect-error true or false
    await db.doctor({ repair: 'all' })
  }
  void use
})

test('connect() takes a target and these options', () => {
  expectTypeOf<keyof ConnectOptions>().toEqualTypeOf<
    'define' | 'allowDrop' | 'allowRevert' | 'worker' | 'modules' | 'media' | 'resources' | 'secrets' | 'schema' | 'live' | 'logger' | 'signal'
  >()
  const use = async (pool: Pool): Promise<void> => {
    expectTypeOf(connect()).toEqualTypeOf<Promise<Database>>()
    expectTypeOf(connect(pool, { worker: false })).toEqualTypeOf<Promise<Database>>()
    const db = await connect('memory:', {
      define: { posts, twice },
      allowDrop: true,
      allowRevert: true,
      worker: { pools: ['gpu'], slots: 2 },
      modules: [{ twice }],
      media: { store: './media', allowedRoots: ['/srv'], maxBytes: 1000 },
      resources: [model.with(new Map())],
      secrets: { key: 'x' },
      schema: 'public',
      live: 'live',
      logger: console,
      signal: AbortSignal.abort(),
    })
    expectTypeOf(db.posts).toEqualTypeOf<Table<S>>()
    // @ts-expect-error a function is no table
    void db.twice
    // @ts-expect-error a port is no target
    await connect(5432)
    // @ts-expect-error no such option
    await connect('memory:', { definitions: { posts } })
    // @ts-expect-error another value than the resource's
    await connect('memory:', { resources: [model.with('x')] })
    // @ts-expect-error a logger has four methods
    await connect('memory:', { logger: { info: () => {} } })
    // @ts-expect-error pools are named
    await connect('memory:', { worker: { pools: 'gpu' } })
    // @ts-expect-error secrets are texts
    await connect('memory:', { secrets: { key: 3 } })
    // @ts-expect-error connect() is a promise
    void connect('memory:').posts
  }
  void use
})

test('workers of one’s own', () => {
  const use = (): unknown[] => [
    expectTypeOf(runWorker({ target: 'postgres://x', modules: ['./pipeline.ts'] })).toEqualTypeOf<Promise<void>>(),
    runWorker({
      target: './data',
      modules: [],
      define: true,
      allowDrop: false,
      pools: ['gpu'],
      slots: 3,
      media: { maxBytes: 1 },
      schema: 'public',
      secrets: {},
      logger: console,
      onReady: (db) => expectTypeOf(db).toEqualTypeOf<Database>(),
    }),
    expectTypeOf(loadModules(['./pipeline.ts'])).toEqualTypeOf<Promise<readonly FunctionModule[]>>(),
    expectTypeOf(migrateDatabase('./data')).toEqualTypeOf<Promise<MigrateResult>>(),
    // @ts-expect-error which modules?
    runWorker({ target: './data' }),
    // @ts-expect-error paths, not modules
    loadModules([posts]),
    // @ts-expect-error of what?
    migrateDatabase(),
  ]
  void use
})

test('errors have a code, and say whether trying again may help', () => {
  const error = new VivantError('TIMEOUT', 'late', { cause: new Error('why'), details: { table: 'posts' } })
  expectTypeOf(error.code).toEqualTypeOf<ErrorCode>()
  expectTypeOf(error.details).toEqualTypeOf<Readonly<Record<string, unknown>>>()
  expectTypeOf(error.httpStatus).toEqualTypeOf<number>()
  expectTypeOf(error.retryable).toEqualTypeOf<boolean>()
  const caught: unknown = error
  if (isVivantError(caught, 'TIMEOUT')) expectTypeOf(caught).toEqualTypeOf<VivantError>()
  expect([error.httpStatus, error.retryable, isVivantError(caught), isVivantError(caught, 'ABORTED')]).toEqual([504, true, true, false])
  expectTypeOf(new RetryAfter(100, 'later', { cause: 1 }).delayMs).toEqualTypeOf<number>()
  expectTypeOf(new PermanentError('never', { cause: 1 })).toExtend<Error>()
  // @ts-expect-error no such code
  void new VivantError('OOPS', 'x')
  // @ts-expect-error no such code
  void isVivantError(caught, 'OOPS')
  // @ts-expect-error when?
  void new RetryAfter()
})

test('reference() keeps a URL as it is', () => {
  expectTypeOf(reference('https://example.org/cat.jpg')).toEqualTypeOf<MediaReference>()
  expectTypeOf(reference(new URL('https://example.org/cat.jpg'))).toEqualTypeOf<MediaReference>()
  // @ts-expect-error bytes have no URL
  expect(() => reference(new Uint8Array())).toThrow('is needed')
})

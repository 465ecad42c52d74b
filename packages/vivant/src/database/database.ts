import type {
  AllowedColumns,
  Columns,
  ColumnsOfIteration,
  HasSchema,
  Iteration,
  SchemaOf,
  TableOptions,
  TableSchema,
  ViewOptions,
  ViewSchema,
  VivantTypeError,
} from '@vivant/core'
import type { AdoptedTable, AdoptionPlan, AdoptOptions } from '../adopt/adopt-options.ts'
import type { CreateTableOptions } from '../declare/create-table.ts'
import type { MediaStatistics } from '@vivant/storage'
import type { GarbageOptions, GarbageReport } from '../media/collect-garbage.ts'
import type { DoctorOptions, DoctorReport } from '../observe/doctor.ts'
import type { RunResult } from '../observe/run-result.ts'
import type { SettledOptions } from '../observe/settled.ts'
import type { DatabaseStatus, StatusOptions } from '../observe/status.ts'
import type { PendingTable } from '../table/pending-table.ts'
import type { Table } from '../table/table.ts'
import type { AnyKysely, HasKysely } from './database-kysely.ts'
import type { ApplyOptions, DefinitionPlan } from './definition-plan.ts'
import type { AnyTableSchema, TableOf, TableOrName } from './table-of.ts'
import type { Transaction, TransactionOptions } from './transaction.ts'

/** What every database has, whatever it was connected with: what a function takes that works with any. */
export interface DatabaseMethods extends AsyncDisposable {
  /**
   * Makes a table: an ordinary one of PostgreSQL, which every client can read and write. If there is one that was declared alike, gives its
   * handle.
   *
   * ```ts
   * const posts = await db
   *   .createTable('posts', { slug: t.text().unique(), body: t.text() }, { index: [['slug', 'body']] })
   *   .addComputedColumn('words', (post) => wordCount(post.body))
   * ```
   *
   * @throws TABLE_DIFFERS there is one, declared otherwise; the message says how
   * @throws TABLE_EXISTS there is one that Vivant did not make, or any with `{ ifExists: 'error' }`
   * @throws NAME_INVALID, COLUMN_NOT_FOUND, CONFIGURATION_INVALID
   */
  createTable<const Name extends string, C extends Columns>(
    name: Name,
    columns: C & AllowedColumns<C>,
    constraints?: TableOptions<NoInfer<C>>,
    options?: CreateTableOptions,
  ): PendingTable<TableSchema<Name, C>>

  /**
   * Makes a view: the rows that an iterator makes of each row of a table or view, or those that a filter leaves. They follow every change of
   * their parent's; what the iterator gives again is not made again.
   *
   * ```ts
   * const lines = await db
   *   .createView('lines', { of: posts, iterate: (post) => segments(post.body, { by: 'line' }) })
   *   .addComputedColumn('words', (line) => wordCount(line.text))
   * ```
   *
   * @throws TABLE_DIFFERS there is one, made otherwise
   * @throws TABLE_EXISTS, TABLE_NOT_FOUND (of the parent), NAME_INVALID, FUNCTION_UNNAMED, CONFIGURATION_INVALID
   */
  createView<const Name extends string, P extends HasSchema, I extends Iteration = Iteration<{}>>(
    name: Name,
    view: { readonly of: P } & ViewOptions<SchemaOf<P>, I>,
    options?: CreateTableOptions,
  ): PendingTable<ViewSchema<Name, ColumnsOfIteration<I>, SchemaOf<P>>>

  /**
   * The table of a definition, typed, whatever it is called; its columns must have been declared, by `define` or `createTable`. Or, in a
   * promise, the table of a name, whose columns are known at run time only.
   *
   * ```ts
   * const posts = db.table(definition)
   * const others = await db.table('others')
   * ```
   *
   * @throws TABLE_NOT_FOUND there is no table of that name
   */
  table<X extends HasSchema | string>(table: X): TableOf<X>

  /** The tables that Vivant keeps, in the order of their names. */
  tables(): Promise<readonly Table<AnyTableSchema>[]>

  /**
   * Drops a table with its rows and all that was computed of them.
   *
   * @throws TABLE_NOT_FOUND unless `{ ifExists: true }`
   * @throws COLUMN_NEEDED another table refers to it; the message has the path
   */
  dropTable(table: TableOrName, options?: { readonly ifExists?: boolean }): Promise<void>

  /**
   * Renames a table, its live view, and the references of others to it.
   *
   * @throws TABLE_NOT_FOUND, TABLE_EXISTS, NAME_INVALID
   */
  renameTable(table: TableOrName, newName: string): Promise<void>

  /**
   * Makes a table reactive that Vivant did not make. It stays what it is to everybody else: its rows, constraints, triggers and policies are not
   * touched. Where it has no integer primary key, a column `_id` is added; `planAdoption` says before what that costs. Adopting it again is harmless.
   *
   * ```ts
   * const products = await db.adopt(table('products', { sku: t.text().unique(), price: t.float(), photo: t.image().nullable() }))
   * await products.addComputedColumn('thumb', (product) => image.resize(product.photo, { width: 320 }))
   * const orders = await db.adopt('public.orders') // as it is: columns are known at run time only
   * ```
   *
   * A definition names the columns that the program uses, and their types; the others are left alone. Give it to `connect({ define })` from then on.
   *
   * @throws TABLE_NOT_FOUND, CONFIGURATION_INVALID it cannot be adopted, and why
   * @throws TABLE_DIFFERS a column is not there, or is not of its type; the message lists them all
   * @throws DECLARATION_WAITS others hold the table
   */
  adopt<X extends TableOrName>(table: X, options?: AdoptOptions): Promise<AdoptedTable<X>>

  /**
   * What `adopt` would do: which locks it takes and for how long, which column tells rows apart, which columns expressions can read, what writes to
   * the table unseen, and why it cannot be adopted.
   *
   * ```ts
   * const { key, lockedMs, effects, opaque, uncaptured, refused } = await db.planAdoption('products')
   * ```
   *
   * @throws TABLE_NOT_FOUND
   */
  planAdoption(table: TableOrName, options?: AdoptOptions): Promise<AdoptionPlan>

  /**
   * Lets an adopted table go, as it was before: what was computed of it is dropped, and `_id` where it was added.
   *
   * @throws TABLE_NOT_FOUND, CONFIGURATION_INVALID Vivant made the table
   * @throws COLUMN_NEEDED something refers to `_id`
   */
  release(table: TableOrName): Promise<void>

  /**
   * What `connect({ define })` would do with these definitions: what would be created, altered and dropped, and for each computed column
   * how many cells and about how long.
   *
   * ```ts
   * const plan = await db.plan(pipeline)
   * for (const column of plan.recomputed) console.log(`${column.table}.${column.column}: ${column.cells} cells`)
   * ```
   */
  plan(definitions: Definitions): Promise<DefinitionPlan>

  /**
   * Brings the database to what definitions say; what `connect({ define })` does at the start.
   *
   * @throws DROP_NOT_ALLOWED something would be dropped, and `allowDrop` is not given; the message lists it
   * @throws COLUMN_DIFFERS, TABLE_EXISTS, NAME_TAKEN, FUNCTION_NAME_TAKEN, DECLARATION_WAITS
   */
  apply(definitions: Definitions, options?: ApplyOptions): Promise<DefinitionPlan>

  /**
   * Runs `work` in one transaction: committed when it returns, rolled back when it throws.
   *
   * ```ts
   * await db.transaction(async (tx) => {
   *   await tx.table(videos).insert(rows)
   *   await tx.kysely.insertInto('orders').values(order).execute()
   * })
   * ```
   *
   * @throws INSIDE_TRANSACTION a call on `db` from inside
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>

  /**
   * Waits until everything that was written before the call is computed.
   *
   * @throws TIMEOUT, NO_WORKER
   */
  settled(options?: SettledOptions): Promise<RunResult>

  /**
   * What is going on: cells by state for each table and column, workers, columns that no live worker can compute, declarations that wait.
   *
   * ```ts
   * const { tables, unserved } = await db.status()
   * ```
   */
  status(options?: StatusOptions): Promise<DatabaseStatus>

  /** Checks that nothing is lost: every cell that is not current is covered by work. `{ repair: true }` mends what is not. */
  doctor(options?: DoctorOptions): Promise<DoctorReport>

  /**
   * Deletes media that nothing in the database refers to: no column of any table, no cell. It is safe beside writers: a run condemns what is not
   * referred to, and a later one deletes what still is not when the grace period (a day) is over. Run it from time to time; `vivant media gc` does.
   *
   * ```ts
   * const { condemned, collected } = await db.collectGarbage({ dryRun: true })
   * ```
   *
   * @throws CONFIGURATION_INVALID a grace period under an hour, or a store that other databases use as well
   * @throws DATABASE_ERROR a table cannot be read as a whole: nothing is collected
   * @throws STORE_UNAVAILABLE, STORE_REFUSED, ABORTED
   */
  collectGarbage(options?: GarbageOptions): Promise<GarbageReport>

  /** How many media there are, how many bytes, of which types, and how many wait for their grace period to end. */
  mediaStatistics(): Promise<MediaStatistics>

  /**
   * Kysely over the same connections, for SQL of one's own: the tables of the definitions, `live.videos` with the computed columns, and,
   * untyped, any other.
   *
   * ```ts
   * await db.kysely.selectFrom('live.videos').select(['title', 'caption']).execute()
   * ```
   */
  readonly kysely: AnyKysely

  /** Ends the worker of this process, then the connections. Calling it again is harmless. */
  close(): Promise<void>
}

/** A module's exports will do: what is not a definition is passed over. */
export type Definitions = { readonly [name: string]: unknown }

/** A database with the tables of the definitions that it was connected with. Any such is a `Database` as well. */
export type Database<D = {}> = HasKysely<D> &
  DatabaseMethods & {
    readonly [K in keyof D as D[K] extends HasSchema ? K : never]: Table<SchemaOf<D[K]>>
  }

/** The definitions, each under a name that the database has free. */
export type AllowedNames<D> = {
  [K in keyof D]: D[K] extends HasSchema
    ? K extends keyof DatabaseMethods | 'then'
      ? VivantTypeError<`db.${K & string} is a method: export this definition under another name`>
      : D[K]
    : D[K]
}

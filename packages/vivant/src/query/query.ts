import type {
  Condition,
  EmptyGroup,
  Expression,
  GroupedRow,
  GroupedRows,
  HasSchema,
  OptionalRow,
  ReadRow,
  ReadyRow,
  ReadySelectRow,
  Schema,
  Selected,
  Selection,
  SelectRow,
  UpdateRow,
} from '@vivant/core'
import type { WithOptionalStatus, WithStatus } from './query-row.ts'

export type { WithOptionalStatus, WithStatus } from './query-row.ts'

export interface ExecuteOptions {
  /** Aborting it ends the call with ABORTED: a server cancels the statement, the embedded engine finishes it and its result is dropped. In a transaction the statement under way is waited for. */
  readonly signal?: AbortSignal
}

export interface StreamOptions extends ExecuteOptions {
  /** Rows that are fetched at once (default 1000): what is in memory. */
  readonly chunkSize?: number
}

export interface ExplainOptions extends ExecuteOptions {
  /** Runs the query too, and tells what it took. */
  readonly analyze?: boolean
}

export interface FreshOptions extends ExecuteOptions {
  /** How long to wait before giving up with TIMEOUT (default 60,000). */
  readonly timeoutMs?: number
}

/** A statement with its parameters, as a driver takes it. */
export interface QuerySql {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** How PostgreSQL goes about a query. */
export interface Explanation extends QuerySql {
  /** How neighbours are found (see `orderBy`); null when the query does not ask for any. */
  readonly plan: 'hnsw' | 'exact' | null
  /** Why they are found so. */
  readonly reason: string | null
  /** PostgreSQL's own plan, a line each. */
  readonly lines: readonly string[]
  /** What PostgreSQL does not evaluate: it runs on the rows that the statement returns, conditions first, then sort keys, then what is selected. */
  readonly functions: readonly ExplainedFunction[]
}

export interface ExplainedFunction {
  readonly clause: 'where' | 'having' | 'orderBy' | 'select'
  /** As it would be written. */
  readonly expression: string
}

export interface Page<out Result> {
  readonly rows: Result[]
  /** Null when there are no further rows. */
  readonly next: string | null
}

/** Which rows a sample has: the same ones each time, by a hash. */
export type SampleOptions<Rows extends readonly unknown[]> = {
  /** Rows in which it is equal are all taken or all left out (default: the row's id). With a fraction. */
  readonly by?: (...rows: Rows) => Expression
  /** Another whole number gives another sample (default 0). */
  readonly seed?: number
} & ({ readonly count: number; readonly fraction?: never } | { readonly fraction: number; readonly count?: never })

/** What has rows to give: any query, whatever it was built from. Nothing is sent to the database before one of these is called. */
export interface Executable<out Result> {
  /** All rows, in one statement and one snapshot. */
  execute(options?: ExecuteOptions): Promise<Result[]>
  /** The first row. The query asks for one row only, whatever its limit. */
  executeTakeFirst(options?: ExecuteOptions): Promise<Result | undefined>
  /** The first row; NO_RESULT when there is none. */
  executeTakeFirstOrThrow(options?: ExecuteOptions): Promise<Result>
  /**
   * A page of rows, and the cursor of the next one for `after`, null after the last. It needs a `limit`. Rows that are equal in the sort
   * keys are told apart by their ids (groups by their keys), so no row is left out or given twice, whatever is written meanwhile.
   *
   * ```ts
   * let cursor: string | null = null
   * do {
   *   const page = await videos.orderBy((v) => v.year, 'desc').limit(100).after(cursor).executePage()
   *   cursor = page.next
   * } while (cursor)
   * ```
   */
  executePage(options?: ExecuteOptions): Promise<Page<Result>>
  /** How many rows `execute` would give. */
  count(options?: ExecuteOptions): Promise<number>
  /**
   * The rows one by one, from one snapshot, with a page of them in memory. Other calls go on meanwhile, also on the embedded engine;
   * leaving the loop closes the cursor. On a server it keeps one connection until then.
   *
   * ```ts
   * for await (const video of videos.orderBy((v) => v._id).stream()) console.log(video.title)
   * ```
   * ```sql
   * declare c cursor with hold for select …;  fetch forward 1000 from c;  close c
   * ```
   */
  stream(options?: StreamOptions): AsyncIterable<Result>
  /** The statement that `execute` runs. A promise, as tables' physical names are in the catalog, and a search must embed its question first. */
  toSQL(options?: ExecuteOptions): Promise<QuerySql>
  explain(options?: ExplainOptions): Promise<Explanation>
}

/**
 * The clauses that every source of rows has. `Rows` is what callbacks get: one row per joined table, in the order they were joined.
 * `Result` is what `execute` gives.
 *
 * Functions may stand in `where`, `having`, `orderBy` and `select` without being stored as a column: they run in this process on the rows that
 * PostgreSQL returns, in batches, conditions first. A limit then ends the query as soon as enough rows are found; sorting by a function runs it
 * for every row. A row for which one throws is FUNCTION_FAILED; `explain()` tells what is left to functions.
 */
export interface Readable<in out Rows extends readonly unknown[], in out Result> extends Executable<Result> {
  /**
   * A sort key; further calls add the next one. Nulls come last in both directions, text is ordered by code point.
   *
   * When the first key is nearness (`similarity` descending, `distance` ascending) the query asks for neighbours: with `limit(k)` it
   * gives exactly min(k, matching) rows, whatever `where` leaves. Rows whose vector is not there (its cell is pending or failed, or the
   * vector is all zeros, which has no direction) are no neighbours. `explain()` tells whether the HNSW index served it.
   *
   * ```ts
   * videos.orderBy((v) => v.year, 'desc').orderBy((v) => v.title)
   * ```
   * ```sql
   * order by t."year" desc nulls last, (t."title" collate "C") asc
   * ```
   */
  orderBy(key: (...rows: Rows) => Expression, direction?: 'asc' | 'desc'): Query<Rows, Result>
  /** At most so many rows; 0 gives none. The last call counts. */
  limit(count: number): Query<Rows, Result>
  /** Leaves out so many rows from the front. The last call counts. */
  offset(count: number): Query<Rows, Result>
  /**
   * What each row gives: expressions by name, in objects as deep as one likes, in one statement. Only the cell tables that it and the
   * other clauses name are read. The last call counts.
   *
   * ```ts
   * videos.select((v) => ({ title: v.title, caption: { text: v.caption, state: v.caption.cell.status } }))
   * ```
   * ```sql
   * select t."title", c17.value, … from "public"."videos" t left join vivant_data."cell_17" c17 on c17._id = t."_id"
   * ```
   */
  select<X extends Selection>(selection: (...rows: Rows) => X): Query<Rows, Selected<X>>
  /**
   * Only what comes after the row whose cursor `executePage` gave; null begins at the front. The query must be sorted as that one.
   *
   * ```sql
   * where (t."year", t."_id") < (1999, 7) order by t."year" desc, t."_id" desc limit 100
   * ```
   */
  after(cursor: string | null | undefined): Query<Rows, Result>
  /**
   * Of equal results only one. Sorted by what is selected.
   *
   * ```ts
   * videos.select((v) => ({ camera: v.camera })).distinct()
   * ```
   */
  distinct(): Query<Rows, Result>
}

/** The clauses that put rows together. */
export interface RowClauses<in out Rows extends readonly unknown[], in out Result> extends Readable<Rows, Result> {
  /**
   * Each row beside each row of another table for which the condition is true. Callbacks then get one row per table; without a `select` a
   * result is that of the first table. A table may be joined to itself. What `ready()` and `fresh()` say goes for the cells of all tables that the query reads.
   *
   * ```ts
   * frames.join(videos, (f, v) => f.video.eq(v._id)).select((f, v) => ({ at: f.at, title: v.title }))
   * ```
   * ```sql
   * select t."at", t1."title" from "public"."frames" t join "public"."videos" t1 on (t."video" = t1."_id")
   * ```
   */
  join<S extends Schema>(table: HasSchema<S>, on: (...rows: [...Rows, QueryRow<S>]) => Condition): Query<[...Rows, QueryRow<S>], Result>
  /** As `join`, and each row to which nothing is joined once, with nulls in the other's place. */
  leftJoin<S extends Schema>(table: HasSchema<S>, on: (...rows: [...Rows, QueryRow<S>]) => Condition): Query<[...Rows, OptionalQueryRow<S>], Result>
  /**
   * Of the rows that are equal in the keys only the first, in the query's order.
   *
   * ```ts
   * frames.distinctOn((f) => f.camera).orderBy((f) => f.at, 'desc')   // the latest of each camera, the latest first
   * ```
   */
  distinctOn(keys: (...rows: Rows) => Expression | Selection): Query<Rows, Result>
  /**
   * Some of the rows that the conditions leave, the same ones each time: so many, or about a fraction of them. Before anything is grouped or
   * sorted.
   *
   * ```ts
   * frames.sample(10)
   * frames.sample({ fraction: 0.1, by: (f) => f.video, seed: 7 })   // all frames of a tenth of the videos
   * ```
   */
  sample(size: number | SampleOptions<Rows>): Query<Rows, Result>
  /**
   * Rows with equal keys are one group; with no keys (`{}`) all rows are one, also when there is none. Callbacks then get the keys
   * first, and then the rows, whose columns are aggregates: `count`, `sum`, `avg`, `min`, `max`, `any`, `every`, `list`, `countDistinct`, `where(…)`
   * before them, and those of `aggregate({ … })`. What is to be aggregated and is no column is named by `values`, which come last.
   *
   * ```ts
   * sales.groupBy((s) => ({ shop: s.shop }), (s) => ({ total: s.price.mul(s.amount) }))
   *   .having((key, s, value) => value.total.sum().gt(1000))
   *   .select((key, s, value) => ({ shop: key.shop, sales: count(), total: value.total.sum(), last: s.at.max() }))
   * ```
   * ```sql
   * select g._g0, count(*), sum(g._g1), max(g._g2) from (select t."shop" as _g0, … from "sales" t) g group by g._g0 having …
   * ```
   *
   * `ready()` and `fresh()`, said before, are about the rows: not ready ones are in no group.
   */
  groupBy<X extends Selection, V extends Selection = {}>(
    keys: (...rows: Rows) => X,
    values?: (...rows: Rows) => V,
  ): GroupedQuery<[key: X, ...rows: GroupedRows<Rows, EmptyGroup<X>>, values: GroupedRow<V, EmptyGroup<X>>], Selected<X>>
}

/** Groups of rows. Without a `select` a result is a group's keys. */
export interface GroupedQuery<in out Rows extends readonly unknown[], in out Result> extends Executable<Result> {
  /** Keeps the groups for which the condition is true. */
  having(condition: (...rows: Rows) => Condition): GroupedQuery<Rows, Result>
  /** A sort key over the group; nulls come last in both directions. */
  orderBy(key: (...rows: Rows) => Expression, direction?: 'asc' | 'desc'): GroupedQuery<Rows, Result>
  limit(count: number): GroupedQuery<Rows, Result>
  offset(count: number): GroupedQuery<Rows, Result>
  after(cursor: string | null | undefined): GroupedQuery<Rows, Result>
  /** What each group gives: keys, aggregates, and expressions of them. */
  select<X extends Selection>(selection: (...rows: Rows) => X): GroupedQuery<Rows, Selected<X>>
  distinct(): GroupedQuery<Rows, Result>
}

/** An immutable query: each clause gives a new one. */
export interface Query<in out Rows extends readonly unknown[], in out Result> extends RowClauses<Rows, Result> {
  /** Keeps the rows for which the condition is true: neither false nor null. Several are joined by `and`. */
  where(condition: (...rows: Rows) => Condition): Query<Rows, Result>
}

/** What an update or a delete did. */
export interface ChangeResult {
  readonly count: number
}

/** The rows of a table that a condition leaves: they can be read, updated, deleted. */
export interface TableQuery<in out S extends Schema> extends RowClauses<[QueryRow<S>], SelectRow<S>> {
  /** Keeps the rows for which the condition is true: neither false nor null. Several are joined by `and`. */
  where(condition: (row: QueryRow<S>) => Condition): TableQuery<S>
  /**
   * Keeps the rows of which every cell that the query reads, in any clause, is settled (made from the inputs as they are now, through
   * all levels) and `ok` or `skipped`: so computed columns are not null, but for those that are nullable or have a `when`. Rows
   * whose cells are on their way are left out; `fresh` waits for them instead.
   */
  ready(): Query<[ReadyQueryRow<S>], ReadySelectRow<S>>
  /**
   * Waits, before the query runs, until the cells that it reads are settled for every row that matches: a failed one is, one that will
   * be tried again is not. Conditions over computed columns are passed over while waiting, as they may yet come true. TIMEOUT, with how
   * many rows are left.
   */
  fresh(options?: FreshOptions): Query<[QueryRow<S>], SelectRow<S>>
  /**
   * Changes the rows, in one statement: each column to a value, or to an expression over the row as it was. Needs a `where`
   * (WHERE_NEEDED); for all rows `where(() => lit(true))`. Values are checked as by `insert`; a computed column is NOT_WRITABLE; what
   * a constraint refuses is CONSTRAINT_VIOLATED, and nothing is changed. What is computed from the changed columns follows.
   *
   * ```ts
   * await videos.where((v) => v.title.eq('x')).update((v) => ({ title: v.title.upper(), year: 1999 }))
   * ```
   * ```sql
   * update "public"."videos" t set "title" = vivant.upper(t."title"), "year" = 1999 where (t."title" = 'x')
   * ```
   */
  update(change: UpdateRow<S> | ((row: QueryRow<S>) => UpdateRow<S>), options?: ExecuteOptions): Promise<ChangeResult>
  /** Deletes the rows, with their cells. Needs a `where` (WHERE_NEEDED). */
  delete(options?: ExecuteOptions): Promise<ChangeResult>
}

/** What a query's callbacks get: the columns, `_id`, and `_status`. */
export type QueryRow<S extends Schema> = ReadRow<S> & WithStatus
/** The right side of a left join. */
export type OptionalQueryRow<S extends Schema> = OptionalRow<S> & WithOptionalStatus
/** The same after `ready()`. */
export type ReadyQueryRow<S extends Schema> = ReadyRow<S> & WithStatus

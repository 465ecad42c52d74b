import type { Condition, Expression, ReadRow, ReadyRow, ReadySelectRow, Schema, Selected, Selection, SelectRow, UpdateRow } from '@vivant/core'
import type { WithStatus } from './query-row.ts'

export type { WithStatus } from './query-row.ts'

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
}

/** What has rows to give: any query, whatever it was built from. Nothing is sent to the database before one of these is called. */
export interface Executable<out Result> {
  /** All rows, in one statement and one snapshot. */
  execute(options?: ExecuteOptions): Promise<Result[]>
  /** The first row. The query asks for one row only, whatever its limit. */
  executeTakeFirst(options?: ExecuteOptions): Promise<Result | undefined>
  /** The first row; NO_RESULT when there is none. */
  executeTakeFirstOrThrow(options?: ExecuteOptions): Promise<Result>
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
}

/** An immutable query: each clause gives a new one. */
export interface Query<in out Rows extends readonly unknown[], in out Result> extends Readable<Rows, Result> {
  /** Keeps the rows for which the condition is true: neither false nor null. Several are joined by `and`. */
  where(condition: (...rows: Rows) => Condition): Query<Rows, Result>
}

/** What an update or a delete did. */
export interface ChangeResult {
  readonly count: number
}

/** The rows of a table that a condition leaves: they can be read, updated, deleted. */
export interface TableQuery<in out S extends Schema> extends Readable<[QueryRow<S>], SelectRow<S>> {
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
/** The same after `ready()`. */
export type ReadyQueryRow<S extends Schema> = ReadyRow<S> & WithStatus

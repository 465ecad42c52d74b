import type { ColumnsWith, Condition, HasChildren, HasSchema, InsertRow, ReadySelectRow, Schema, SelectRow, VivantTypeError } from '@vivant/core'
import type { UserTransaction } from '@vivant/storage'
import type { FreshOptions, Query, QueryRow, ReadyQueryRow, RowClauses, TableQuery } from '../query/query.ts'
import type { InsertOptions as AnyInsertOptions, InsertResult, UpsertOptions as AnyUpsertOptions, WriteResult } from '../write/insert-options.ts'
import type { BackfillHandle } from '../observe/backfill-handle.ts'
import type { CellReport } from '../observe/cell.ts'
import type { CellFailure, FailuresOptions } from '../observe/failures.ts'
import type { RecomputeOptions as AnyRecomputeOptions } from '../observe/recompute.ts'
import type { RetryOptions, RetryResult } from '../observe/retry.ts'
import type { RunResult } from '../observe/run-result.ts'
import type { Alterable } from './alterable.ts'
import type { ColumnLineage } from './lineage.ts'

export interface InsertOptions<in out S extends Schema> extends Omit<AnyInsertOptions, 'wait'> {
  /** Waits until these rows' computed columns (or just the named ones) are there, and gives `run`. */
  readonly wait?: boolean | readonly (keyof ColumnsWith<S, 'computed'> & string)[]
}

export interface UpsertOptions<in out S extends Schema> extends Omit<AnyUpsertOptions, 'on'> {
  /** The unique column (or columns) that say which row is meant. */
  readonly on: (keyof ColumnsWith<S, 'unique'> & string) | readonly (keyof S['columns'] & string)[]
}

// The array is listed beside Iterable, which covers it, because the compiler then explains a wrong row on its own line.
export type RowsToInsert<R> = AsyncIterable<R> | Iterable<R> | readonly R[]

/** Rows are inserted into tables; those of a view come from its iterator. */
export type Insertion<S extends Schema> = S['parent'] extends null
  ? RowsToInsert<InsertRow<S>>
  : VivantTypeError<`the rows of the view '${S['name']}' are made by its iterator: insert into its parent`>

// Where a parameter names a column, its type is written out: the compiler then lists the names, and not an alias.

/** The rows of a table: what can be read and written also inside a transaction. */
export interface TableRows<in out S extends Schema> extends HasSchema<S>, RowClauses<[QueryRow<S>], SelectRow<S>> {
  readonly name: S['name']

  /** The rows that meet a condition: to read, update or delete. */
  where(condition: (row: QueryRow<S>) => Condition): TableQuery<S>

  /** Only rows of which every cell that the query reads is current: computed columns are then not null. */
  ready(): Query<[ReadyQueryRow<S>], ReadySelectRow<S>>

  /** Waits until the cells that the query reads are current, then reads. */
  fresh(options?: FreshOptions): Query<[QueryRow<S>], SelectRow<S>>

  /**
   * Inserts rows: an array or an iterable in one transaction, an async iterable in pieces.
   *
   * ```ts
   * const { ids, run } = await videos.insert([{ title: 'Bangkok', video: './bangkok.mp4' }], { wait: ['thumb'] })
   * ```
   *
   * @throws ROW_INVALID, NOT_WRITABLE, CONSTRAINT_VIOLATED, TOO_LARGE, MEDIA_INVALID; with `wait` TIMEOUT and NO_WORKER
   */
  insert(rows: Insertion<S>, options?: InsertOptions<S>): Promise<InsertResult>

  /**
   * Inserts rows, or updates those whose `on` columns match a row that stands.
   *
   * @throws ROW_INVALID, CONSTRAINT_VIOLATED
   */
  upsert(rows: Insertion<S>, options: UpsertOptions<S>): Promise<WriteResult>
}

/**
 * A table of a database, with the columns that this program declared. Immutable, and not a promise: awaiting it gives itself.
 *
 * ```ts
 * const posts = await db.createTable('posts', { title: t.text() })
 * await posts.insert([{ title: 'Hello' }])
 * const titles = await posts.where((post) => post.title.like('H%')).select((post) => ({ title: post.title })).execute()
 * ```
 */
export interface Table<in out S extends Schema> extends TableRows<S>, Alterable<S>, HasChildren<S> {
  /**
   * The same rows through a connection of the user's own that is inside a transaction: what is written there is committed with it.
   *
   * ```ts
   * await client.query('begin')
   * await videos.using(client).insert(rows)
   * await client.query('commit')
   * ```
   *
   * @throws CONFIGURATION_INVALID for what is no connection inside a transaction
   */
  using(transaction: UserTransaction): TableRows<S>

  /**
   * The cells whose function failed for good, newest first, with their errors.
   *
   * ```ts
   * for (const { id, message } of await videos.failures({ column: 'thumb' })) console.log(id, message)
   * ```
   *
   * @throws COLUMN_NOT_FOUND
   */
  failures(options?: OfColumn<S, FailuresOptions>): Promise<readonly CellFailure[]>

  /**
   * Runs failed cells again, although their inputs are the same: once the cause is gone. It returns when that is recorded.
   *
   * @throws COLUMN_NOT_FOUND
   */
  retry(options?: OfColumn<S, RetryOptions>): Promise<RetryResult>

  /**
   * Computes a column anew, although its inputs and its code are the same: of all rows, or of those that a condition leaves. Waits for it
   * unless told otherwise.
   *
   * ```ts
   * await videos.recompute('caption', { where: (video) => video.year.gt(2020) })
   * ```
   *
   * @throws COLUMN_NOT_FOUND, TIMEOUT, NO_WORKER
   */
  recompute(column: keyof ColumnsWith<S, 'computed'> & string, options?: RecomputeOptions<S>): Promise<RunResult>

  /**
   * Looks again at what the references of a media column lead to: of all rows, or of those that a condition leaves. What has not changed (by its
   * ETag or the time of its last change, else by its bytes) disturbs nothing; where bytes differ, what reads them is computed again.
   *
   * ```ts
   * await videos.insert([{ video: reference('https://example.org/live.mp4') }])
   * await videos.refresh('video', { where: (video) => video.title.eq('live') })
   * ```
   *
   * @throws COLUMN_NOT_FOUND, TIMEOUT, NO_WORKER
   */
  refresh(column: keyof S['columns'] & string, options?: RecomputeOptions<S>): Promise<RunResult>

  /**
   * What is known of one cell: its state and why, its value, and what it was made from.
   *
   * @throws COLUMN_NOT_FOUND; NO_RESULT when there is no such row
   */
  cell(id: number, column: keyof ColumnsWith<S, 'computed'> & string): Promise<CellReport>

  /** The sweep over the rows that were there when a column was declared or changed: watched, paused, throttled. */
  backfill(column: keyof ColumnsWith<S, 'computed'> & string): BackfillHandle

  /** What each column is computed from, and what is computed from it. */
  lineage(): Promise<readonly ColumnLineage[]>
}

/** Options that name a computed column, and know which there are. */
export type OfColumn<S extends Schema, O> = Omit<O, 'column'> & {
  /** Of this computed column alone (default: of all). */
  readonly column?: keyof ColumnsWith<S, 'computed'> & string
}

export interface RecomputeOptions<in out S extends Schema> extends Omit<AnyRecomputeOptions, 'where'> {
  /** Which rows: their ids, or a condition (default: all). */
  readonly where?: readonly number[] | ((row: QueryRow<S>) => Condition)
}

import type { ColumnsWith, Condition, HasSchema, InsertRow, ReadySelectRow, Schema, SelectRow, VivantTypeError } from '@vivant/core'
import type { UserTransaction } from '@vivant/storage'
import type { FreshOptions, Query, QueryRow, Readable, ReadyQueryRow, TableQuery } from '../query/query.ts'
import type { InsertOptions as AnyInsertOptions, InsertResult, UpsertOptions as AnyUpsertOptions, WriteResult } from '../write/insert-options.ts'
import type { Alterable } from './alterable.ts'

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

/** The rows of a table: what can be read and written also inside a transaction. */
export interface TableRows<in out S extends Schema> extends HasSchema<S>, Readable<[QueryRow<S>], SelectRow<S>> {
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
export interface Table<in out S extends Schema> extends TableRows<S>, Alterable<S> {
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
}

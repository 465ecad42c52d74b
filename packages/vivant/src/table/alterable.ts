import type {
  AnyColumn,
  ColumnOptions,
  ColumnsWith,
  ComputedColumn,
  EmbeddingIndexOptions,
  EmbeddingModel,
  Expression,
  FittingModel,
  NewColumnName,
  QuestionOf,
  Row,
  Schema,
  WithColumn,
  WithIndex,
} from '@vivant/core'
import type { PendingTable } from './pending-table.ts'

/** `S` without a column. */
export type WithoutColumn<S extends Schema, K extends string> = [S] extends [never]
  ? never
  : Schema<S['name'], Omit<S['columns'], K>, Omit<S['indexes'], K>, S['parent']>
/** `S` with a column under another name. */
export type RenamedColumn<S extends Schema, K extends keyof S['columns'], N extends string> = [S] extends [never]
  ? never
  : Schema<
      S['name'],
      Omit<S['columns'], K> & { readonly [_ in N]: S['columns'][K] },
      Omit<S['indexes'], K> & (K extends keyof S['indexes'] ? { readonly [_ in N]: S['indexes'][K] } : {}),
      S['parent']
    >
/** `S` with another column under a name that it has. */
export type ReplacedColumn<S extends Schema, K extends string, C> = [S] extends [never]
  ? never
  : Schema<S['name'], Omit<S['columns'], K> & { readonly [_ in K]: C }, S['indexes'], S['parent']>

export interface IndexOptions {
  /** Two rows may not have the same values: stored columns only. */
  readonly unique?: boolean
  /** For sorting and ranges of text, which are by code point; without it an index on text serves equality. Other types need no such choice. */
  readonly ordered?: boolean
  /** The index's name in PostgreSQL (default: made of table and columns). */
  readonly name?: string
}

/**
 * What changes the schema of a table. Each gives a pending handle of the table as it is then: await it, or go on. What is there already
 * and equal is left as it is, so running it twice is harmless.
 *
 * Every one waits for transactions that use the table and gives up after 30 s with DECLARATION_WAITS.
 */
export interface Alterable<in out S extends Schema> {
  /**
   * Adds a column that Vivant computes from others of the row. It resolves when the column is declared, not when it is filled: rows that
   * are there are computed in the background (`backfill`), new ones as they arrive. What PostgreSQL can compute is *virtual*: computed when
   * it is read.
   *
   * The column that is there with an equal expression gives its handle. If the code of its functions has changed, `onCodeChange` decides.
   *
   * ```ts
   * const described = await videos
   *   .addComputedColumn('words', (video) => wordCount(video.title))
   *   .addComputedColumn('long', (video) => video.words.gt(10))
   * ```
   *
   * @throws COLUMN_DIFFERS it is there and computes something else: see `replaceComputedColumn`
   * @throws COLUMN_EXISTS, NAME_INVALID, COLUMN_NOT_FOUND, TYPE_MISMATCH, FUNCTION_UNNAMED, FUNCTION_NAME_TAKEN, EXPRESSION_INVALID
   */
  addComputedColumn<const K extends string, X extends Expression, const O extends ColumnOptions<S> = {}>(
    name: K & NewColumnName<S, K>,
    value: (row: Row<S>) => X,
    options?: O & ColumnOptions<S>,
  ): PendingTable<WithColumn<S, K, ComputedColumn<X, O>>>

  /**
   * Makes a column searchable by meaning, `row.title.similarity('cats at night')`: a hidden column holds the vectors that the model makes
   * of its values, kept right like any computed column, and an HNSW index when there are many.
   *
   * ```ts
   * const posts = await db.table(definition).addEmbeddingIndex('body', meaning, { metric: 'cosine' })
   * ```
   *
   * @throws TYPE_MISMATCH the model embeds another type
   * @throws NAME_TAKEN, COLUMN_DIFFERS, FUNCTION_UNNAMED, FUNCTION_NAME_TAKEN
   */
  addEmbeddingIndex<K extends keyof S['columns'] & string, M extends EmbeddingModel>(
    column: K,
    model: M & FittingModel<S, K, M>,
    options?: EmbeddingIndexOptions,
  ): PendingTable<WithIndex<S, K, QuestionOf<M>>>

  /**
   * Gives a computed column another expression, options or code, also code that it had before. The old values are served as stale until the
   * new ones are there.
   *
   * ```ts
   * await videos.replaceComputedColumn('words', (video) => wordCount(video.title.trim()))
   * ```
   *
   * @throws COLUMN_NEEDED its type changes, and another column reads it
   * @throws CYCLE it would read itself, through others
   * @throws COLUMN_NOT_FOUND, FUNCTION_NAME_TAKEN
   */
  replaceComputedColumn<K extends keyof ColumnsWith<S, 'computed'> & string, X extends Expression, const O extends ColumnOptions<S> = {}>(
    name: K,
    value: (row: Row<S>) => X,
    options?: O & ColumnOptions<S>,
  ): PendingTable<ReplacedColumn<S, K, ComputedColumn<X, O>>>

  /**
   * Adds a column that users write. Rows that are there get its default, or null.
   *
   * @throws CONSTRAINT_VIOLATED there are rows, and the column has neither a default nor null
   * @throws COLUMN_EXISTS, NAME_INVALID
   */
  addColumn<const K extends string, C extends AnyColumn>(name: K & NewColumnName<S, K>, column: C): PendingTable<WithColumn<S, K, C>>

  /**
   * Changes the type or the rules of a column that users write: PostgreSQL converts the values.
   *
   * @throws COLUMN_NEEDED its type changes, and a computed column reads it
   * @throws VALUE_INVALID a value cannot be converted
   * @throws CONSTRAINT_VIOLATED a row breaks one of the new rules
   */
  alterColumn<K extends keyof S['columns'] & string, C extends AnyColumn>(name: K, column: C): PendingTable<ReplacedColumn<S, K, C>>

  /**
   * Renames a column, stored or computed; what reads it goes on reading it.
   *
   * @throws COLUMN_EXISTS, COLUMN_NOT_FOUND, NAME_INVALID
   */
  renameColumn<K extends keyof S['columns'] & string, const N extends string>(name: K, newName: N & NewColumnName<S, N>): PendingTable<RenamedColumn<S, K, N>>

  /**
   * Drops a column with its values, and its embedding indexes.
   *
   * @throws COLUMN_NEEDED another column reads it, or another table refers to it; the message has the path
   */
  dropColumn<K extends keyof S['columns'] & string>(name: K): PendingTable<WithoutColumn<S, K>>

  /**
   * Drops an embedding index by its name, which is its column's unless it was given one.
   *
   * @throws COLUMN_NOT_FOUND there is no such index
   */
  dropEmbeddingIndex(name: string): PendingTable<S>

  /**
   * Makes an index on one or several columns; also on a computed one, and on the expression of a virtual one.
   *
   * @throws NOT_INDEXABLE the columns lie in several tables, or the type has no order
   */
  addIndex(columns: (keyof S['columns'] & string) | readonly (keyof S['columns'] & string)[], options?: IndexOptions): PendingTable<S>
}

import type { TypeOfColumn } from '../column/column.ts'
import type { VivantTypeError } from '../error/type-error.ts'
import type { Condition } from '../expression/boolean-expression.ts'
import type { Expression } from '../expression/expression.ts'
import type { RetryPolicy } from '../function/function-definition.ts'
import type { EmbeddedType, EmbeddingModel, QuestionOf } from './embedding-model.ts'
import type { Row } from './row.ts'
import type { HasChildren } from './children.ts'
import type { ColumnOf, ComputedColumn, HasSchema, NewColumnName, Schema, WithColumn, WithIndex } from './schema.ts'
import type { CodeChangePolicy, OnError, VectorMetric } from './table-definition.ts'

export interface ColumnOptions<in out S extends Schema> {
  /** Where it is not true the cell is `skipped`: null, and the function is not called. */
  readonly when?: (row: Row<S>) => Condition
  /** What a failed cell means for the columns that read it (default `block`). */
  readonly onError?: OnError
  /** Greater is served earlier among backfills (default 0). */
  readonly priority?: number
  /** In the place of the functions' own. */
  readonly retry?: Partial<RetryPolicy>
  readonly description?: string
  /** What becomes of the cells when the code of a function changes (default `recompute`). */
  readonly onCodeChange?: CodeChangePolicy
}

export interface EmbeddingIndexOptions {
  /** Needed where a column has several; the column's name otherwise. */
  readonly name?: string
  /** Default `cosine`. */
  readonly metric?: VectorMetric
}

/** A model that can embed this column: itself, or the reason why not. */
export type FittingModel<S extends Schema, K, M> = TypeOfColumn<ColumnOf<S, K>>['kind'] extends EmbeddedType<M>['kind']
  ? M
  : VivantTypeError<`this model embeds ${EmbeddedType<M>['kind']}, but the column '${K & string}' is ${TypeOfColumn<ColumnOf<S, K>>['kind']}`>

/** A table as data: pure, immutable, no I/O. Each verb gives a new definition. */
export interface Definition<in out S extends Schema> extends HasSchema<S>, HasChildren<S> {
  readonly name: S['name']
  /** A column that Vivant computes from others of the row. */
  computed<const K extends string, X extends Expression, const O extends ColumnOptions<S> = {}>(
    name: K & NewColumnName<S, K>,
    value: (row: Row<S>) => X,
    options?: O & ColumnOptions<S>,
  ): Definition<WithColumn<S, K, ComputedColumn<X, O>>>
  /** Makes a column searchable by meaning: `row.column.similarity(query)`. */
  embeddingIndex<K extends keyof S['columns'] & string, M extends EmbeddingModel>(
    column: K,
    model: M & FittingModel<S, K, M>,
    options?: EmbeddingIndexOptions,
  ): Definition<WithIndex<S, K, QuestionOf<M>>>
}

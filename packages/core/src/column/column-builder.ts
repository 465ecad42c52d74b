import type { BooleanExpression } from '../expression/boolean-expression.ts'
import type { ExpressionOf } from '../expression/expression-of.ts'
import type { ForeignKeyDefinition } from '../schema/table-definition.ts'
import type { HasSchema } from '../schema/schema.ts'
import type { ValueType } from '../value/value-type.ts'
import type { Column, ColumnFlag } from './column.ts'

export interface ReferenceOptions {
  /** The referenced column; left out, the row's identity (`_id`). */
  readonly column?: string
  /** What becomes of this row when the other is deleted: refused (`noAction`, the default), deleted too, or this column set to null. */
  readonly onDelete?: ForeignKeyDefinition['onDelete']
}

/**
 * A column being described. Immutable: each modifier returns a new one.
 *
 * ```ts
 * const slug = t.text().min(1).max(80).unique().describe('as in the URL')
 * ```
 */
export interface ColumnBuilder<T extends ValueType, F extends ColumnFlag> extends Column<T, F> {
  nullable(): ColumnBuilder<T, F | 'nullable'>
  /** The value of rows that do not give one. Throws VALUE_INVALID when the type does not accept it. */
  default(value: T['input']): ColumnBuilder<T, F | 'default'>
  unique(): ColumnBuilder<T, F | 'unique'>
  primaryKey(): ColumnBuilder<T, F | 'unique'>
  /** A foreign key to another table, given by its definition, its handle or (for itself and for cycles) its name. */
  references(table: HasSchema | string, options?: ReferenceOptions): ColumnBuilder<T, F>
  /** A condition that every value meets, kept by PostgreSQL: `t.float().check((price) => price.gt(0))`. Several are all kept. */
  check(rule: (column: ExpressionOf<T, never>) => BooleanExpression<null>): ColumnBuilder<T, F>
  /** What the column means, for people: kept in the catalog and as PostgreSQL's comment. */
  describe(text: string): ColumnBuilder<T, F>
}

/** `min` and `max`, both inclusive, are of the value for numbers and of the length (in code points) for text. */
export interface BoundedColumnBuilder<T extends ValueType, F extends ColumnFlag> extends ColumnBuilder<T, F> {
  min(limit: number): BoundedColumnBuilder<T, F>
  max(limit: number): BoundedColumnBuilder<T, F>
  nullable(): BoundedColumnBuilder<T, F | 'nullable'>
  default(value: T['input']): BoundedColumnBuilder<T, F | 'default'>
  unique(): BoundedColumnBuilder<T, F | 'unique'>
  primaryKey(): BoundedColumnBuilder<T, F | 'unique'>
  references(table: HasSchema | string, options?: ReferenceOptions): BoundedColumnBuilder<T, F>
  check(rule: (column: ExpressionOf<T, never>) => BooleanExpression<null>): BoundedColumnBuilder<T, F>
  describe(text: string): BoundedColumnBuilder<T, F>
}

import { VivantError } from '../error/vivant-error.ts'
import type { ExpressionNode } from '../expression/node.ts'
import type { StoredColumnDefinition } from '../schema/table-definition.ts'
import { describeValue } from '../value/describe-value.ts'
import type { AnyColumn } from './column.ts'

/** What a builder holds at run time: the column's definition before it has a name. */
export interface ColumnSpec extends Omit<StoredColumnDefinition, 'name' | 'check'> {
  /** Each gives the condition's node for the column's name. */
  readonly checks: readonly ((name: string) => ExpressionNode)[]
}

// Registered, so that two copies of this package in one process understand each other's columns.
export const columnSpecKey: unique symbol = Symbol.for('vivant.column') as never

export function isColumn(value: unknown): value is AnyColumn {
  return typeof value === 'object' && value !== null && columnSpecKey in value
}

/** What a builder says, before the column has a name. Throws TYPE_MISMATCH for anything but a builder of `t`. */
export function columnSpec(builder: AnyColumn): ColumnSpec {
  if (isColumn(builder)) return (builder as unknown as { readonly [columnSpecKey]: ColumnSpec })[columnSpecKey]
  throw new VivantError('TYPE_MISMATCH', `a column is described by t.text(), t.int(), …, not by ${describeValue(builder)}`)
}

/** The spec of a column inside something else (a field, an element, a function's border), where no table keeps a `check`. */
export function innerColumnSpec(builder: AnyColumn, place: string): ColumnSpec {
  const spec = columnSpec(builder)
  if (spec.checks.length === 0) return spec
  throw new VivantError('EXPRESSION_INVALID', `${place} cannot have a check(): only a column of a table can; use min(), max() or t.json(schema)`)
}

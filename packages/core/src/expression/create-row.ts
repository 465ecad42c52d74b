import type { DataType } from '../value/data-type.ts'
import { columnNotFound } from './column-not-found.ts'
import { createCellExpressions, createColumnExpression } from './create-column-expression.ts'
import type { Expression } from './expression.ts'

export interface RowColumn {
  readonly name: string
  readonly type: DataType
  /** A computed column has a `cell` beside its value. */
  readonly computed?: boolean
  /** Its name in expressions, where that is another: of a parent's column. */
  readonly readAs?: string
}

/**
 * What a callback gets as its row: an object without prototype, whose properties are the columns as expressions and `_id`. Any other
 * name throws COLUMN_NOT_FOUND and says which column is meant. `{ ...row }` spreads the columns and leaves `_id` out.
 * `source` counts the tables of a query; `table` is the name for messages; a view's row has its `parent`'s.
 */
export function createRow(columns: readonly RowColumn[], source: number = 0, table?: string, parent?: object, idName: string = '_id'): object {
  const target = Object.create(null) as Record<string, Expression>
  for (const column of columns) {
    Object.defineProperty(target, column.name, { enumerable: true, value: columnExpression(column, source) })
  }
  Object.defineProperty(target, '_id', { enumerable: false, value: createColumnExpression(idName, { kind: 'int' }, source) })
  if (parent) Object.defineProperty(target, 'parent', { enumerable: false, value: parent })
  return new Proxy(Object.freeze(target), {
    get(row, name) {
      if (name === tableKey) return table
      // Symbols are asked for by the language and by tools (await, console, iteration): a row has none.
      if (typeof name === 'symbol' || name in row) return typeof name === 'symbol' ? undefined : row[name]
      throw columnNotFound(name, Object.keys(row), table === undefined ? {} : { table })
    },
  })
}

// Registered, so that two copies of this package in one process understand each other's rows.
const tableKey: unique symbol = Symbol.for('vivant.rowTable') as never

/** The name of the table whose row it is; undefined for anything that is no row. */
export function tableOfRow(row: unknown): string | undefined {
  return typeof row === 'object' && row !== null ? (row as { readonly [tableKey]?: string })[tableKey] : undefined
}

function columnExpression({ name, type, computed = false, readAs = name }: RowColumn, source: number): Expression {
  const expression = createColumnExpression(readAs, type, source)
  if (!computed) return expression
  const methods = Object.create(expression, { cell: { get: () => createCellExpressions(readAs, source) } }) as Expression
  return Object.freeze(methods)
}

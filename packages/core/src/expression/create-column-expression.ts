import type { CellProperty } from './node.ts'
import type { DataType } from '../value/data-type.ts'
import type { CellStatus } from './cell-expressions.ts'
import { createExpression } from './create-expression.ts'
import { cellNode, columnNode } from './create-node.ts'
import type { Expression } from './expression.ts'

const statuses: readonly CellStatus[] = ['pending', 'stale', 'error', 'ok', 'failed', 'blocked', 'skipped']

/** The type of each thing that is known about a cell. */
export const cellPropertyTypes: Readonly<Record<CellProperty, DataType>> = Object.freeze({
  status: { kind: 'enum', values: statuses },
  error: { kind: 'json' },
  attempts: { kind: 'int' },
  computedAt: { kind: 'timestamp' },
  micros: { kind: 'int' },
  version: { kind: 'int' },
})

/** A column of a row as an expression. */
export function createColumnExpression(name: string, type: DataType, source: number = 0): Expression {
  return createExpression(columnNode(name, type, source))
}

/** What `column.cell` gives: an expression for each thing that is known about the cell. */
export function createCellExpressions(name: string, source: number = 0): Readonly<Record<CellProperty, Expression>> {
  const entries = Object.entries(cellPropertyTypes).map(([property, type]) => [
    property,
    createExpression(cellNode(name, property as CellProperty, type, source)),
  ])
  return Object.freeze(Object.fromEntries(entries) as Record<CellProperty, Expression>)
}

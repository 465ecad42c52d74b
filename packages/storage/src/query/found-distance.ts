import { columnNode, type ColumnNode, type ExpressionNode, mapNode, type OperatorNode } from '@vivant/core'
import { sql } from 'kysely'
import type { Fragment } from '../expression/sql-operator.ts'
import { metricOf, type SearchTarget } from './nearness.ts'
import type { QuerySpec } from './query-spec.ts'

/** Stands as the source of the columns that a search has found itself. */
export const foundSource = -1

const columns: Readonly<Record<string, Fragment>> = { distance: sql.raw('t._o0'), similarity: sql.raw('(1 - t._o0)') }

/** A column of `foundSource`. */
export function foundColumn({ column }: ColumnNode): Fragment {
  return columns[column] ?? sql.raw('null')
}

/** The query, with the distance that it searches by read from what the search has found, wherever it stands: it is computed once. */
export function withFoundDistance<S extends QuerySpec>(spec: S, target: SearchTarget): S {
  const replace = (node: ExpressionNode): ExpressionNode =>
    mapNode(node, (inner) => (isFound(inner, target) ? columnNode(inner.operator, inner.type, foundSource) : undefined))
  return {
    ...spec,
    where: spec.where.map(replace),
    orderBy: spec.orderBy.map((key) => ({ ...key, node: replace(key.node) })),
    select: spec.select.map(replace),
  }
}

function isFound(node: ExpressionNode, { column, metric, vector }: SearchTarget): node is OperatorNode {
  if (node.node !== 'operator' || metricOf(node) !== metric) return false
  const ofColumn = node.operands.some((operand) => operand.node === 'column' && operand.source === column.source && operand.column === column.column)
  return ofColumn && node.operands.some((operand) => operand.node === 'literal' && isSameVector(operand.value, vector))
}

/** Number by number, in a plain loop: as text, or by a callback for each, two vectors take as long to compare as to search for. */
function isSameVector(value: unknown, vector: ExpressionNode): boolean {
  if (vector.node !== 'literal') return false
  if (value === vector.value) return true
  if (!Array.isArray(value) || !Array.isArray(vector.value) || value.length !== vector.value.length) return false
  for (let index = 0; index < value.length; index++) if (value[index] !== vector.value[index]) return false
  return true
}

import { type ColumnNode, type ExpressionNode, type OperatorNode, type VectorMetric } from '@vivant/core'
import type { OrderKey, QuerySpec } from './query-spec.ts'

/** A query whose first sort key is nearness asks for neighbours: rows without a vector are none. */
export interface Nearness {
  /** The vector columns that must be there. */
  readonly columns: readonly ColumnNode[]
  /** What an HNSW index could serve: one column against one vector. Null for the nearness of two columns to each other. */
  readonly target: SearchTarget | null
}

export interface SearchTarget {
  readonly column: ColumnNode
  readonly metric: VectorMetric
  readonly vector: ExpressionNode
}

type NearnessClauses = Pick<QuerySpec, 'orderBy' | 'groupBy' | 'distinct' | 'distinctOn' | 'after' | 'sample'>

/** Whether the query's rows come nearest first, and to what; null otherwise. */
export function nearnessOf({ orderBy: [first], groupBy, distinct, distinctOn, after, sample }: NearnessClauses): Nearness | null {
  if (first === undefined || groupBy !== null || distinct || distinctOn.length > 0) return null
  const metric = metricOf(first.node)
  if (metric === null || isFarthestFirst(first)) return null
  const { operands } = first.node as OperatorNode
  const columns = operands.filter((operand): operand is ColumnNode => operand.node === 'column')
  const vector = operands.find((operand) => operand.node === 'literal' && operand.value !== null && !isZero(operand, metric))
  const [column] = columns
  // an index gives the nearest of all rows, not those after a place or of a sample
  const isOfAll = after === null && sample === null
  return { columns, target: column !== undefined && vector !== undefined && isOfAll ? { column, metric, vector } : null }
}

/** The metric of a similarity or a distance of vectors; null for anything else. */
export function metricOf(node: ExpressionNode): VectorMetric | null {
  if (node.node !== 'operator') return null
  if (node.operator === 'similarity') return 'cosine'
  return node.operator === 'distance' ? (node.options?.['metric'] as VectorMetric) : null
}

function isFarthestFirst({ node, direction }: OrderKey): boolean {
  return (node.node === 'operator' && node.operator === 'similarity') !== (direction === 'desc')
}

/** A vector of zeros has no direction: nothing is near it by cosine, and an index would give rows all the same. */
function isZero(node: ExpressionNode, metric: VectorMetric): boolean {
  return metric === 'cosine' && node.node === 'literal' && Array.isArray(node.value) && node.value.every((value) => Math.fround(Number(value)) === 0)
}

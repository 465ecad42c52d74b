import { type OperatorNode, type OperatorOptions, optionOf } from '@vivant/core'
import { sql } from 'kysely'
import { fragmentAt, subjectType } from '../operand.ts'
import type { Fragment, SqlOperator } from '../sql-operator.ts'

/** pgvector gives NaN for the angle to a zero vector, and infinity where a sum of 32-bit floats overflows: null here. */
export const vectorOperators: Record<'similarity' | 'distance', SqlOperator> = {
  similarity: {
    compile: (node, operands, context) => {
      if (isSearch(node)) return context.lookup(node, operands)
      return sql`(1 - nullif(${fragmentAt(operands, 0)} <=> ${fragmentAt(operands, 1)}, 'NaN'))`
    },
    unstable: (node) => (isSearch(node) ? 'similarity over an embedding index depends on the index' : undefined),
  },
  distance: { compile: (node, operands) => distances[optionOf(node, 'metric')](fragmentAt(operands, 0), fragmentAt(operands, 1)) },
}

const distances: Record<OperatorOptions['metric'], (a: Fragment, b: Fragment) => Fragment> = {
  cosine: (a, b) => sql`nullif(${a} <=> ${b}, 'NaN')`,
  l2: (a, b) => sql`nullif(${a} <-> ${b}, 'Infinity')`,
  innerProduct: (a, b) => sql`nullif(nullif(nullif(${a} <#> ${b}, 'NaN'), 'Infinity'), '-Infinity')`,
}

/** Whether the first operand is not a vector but a column with an embedding index. */
function isSearch(node: OperatorNode): boolean {
  return subjectType(node).kind !== 'vector'
}

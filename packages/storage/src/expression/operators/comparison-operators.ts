import { type DataType, decodeJson, type ExpressionNode, type OperatorNode } from '@vivant/core'
import { type RawBuilder, sql } from 'kysely'
import { encodeArray } from '../../value/encode-value.ts'
import { isJsonArray, pgType } from '../../value/pg-type.ts'
import { byCodePoint, fragmentAt, isText, operandAt, subjectType } from '../operand.ts'
import type { Fragment, OperatorContext, SqlOperator } from '../sql-operator.ts'

/**
 * Equality needs no collation (different collations of one database agree on it), so an index on a text column serves it;
 * order is by code point, which an index in `collate "C"` serves.
 */
export const comparisonOperators: Record<'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'between' | 'in', SqlOperator> = {
  eq: { compile: (node, operands) => sql`(${aligned(node, operands, 0)} = ${aligned(node, operands, 1)})` },
  ne: { compile: (node, operands) => sql`(${aligned(node, operands, 0)} <> ${aligned(node, operands, 1)})` },
  gt: ordering(sql`>`),
  gte: ordering(sql`>=`),
  lt: ordering(sql`<`),
  lte: ordering(sql`<=`),
  between: {
    compile: (node, operands) => sql`(${ordered(node, operands, 0)} between ${ordered(node, operands, 1)} and ${ordered(node, operands, 2)})`,
  },
  in: { compile: compileIn },
}

function ordering(operator: RawBuilder<unknown>): SqlOperator {
  return { compile: (node, operands) => sql`(${ordered(node, operands, 0)} ${operator} ${ordered(node, operands, 1)})` }
}

function ordered(node: OperatorNode, operands: readonly Fragment[], index: number): Fragment {
  const fragment = fragmentAt(operands, index)
  return isText(operandAt(node, index).type) ? byCodePoint(fragment) : fragment
}

/** PostgreSQL compares int8 with float8 by itself, but not arrays of them. */
function aligned(node: OperatorNode, operands: readonly Fragment[], index: number): Fragment {
  const fragment = fragmentAt(operands, index)
  const type = operandAt(node, index).type
  const toFloat = elementKind(type) === 'int' && node.operands.some((operand) => elementKind(operand.type) === 'float')
  return toFloat ? sql`${fragment}::float8[]` : fragment
}

function elementKind(type: DataType): string | undefined {
  return type.kind === 'array' ? type.element.kind : undefined
}

function compileIn(node: OperatorNode, operands: readonly Fragment[], context: OperatorContext): Fragment {
  const values = node.operands.slice(1)
  if (values.length === 0) return sql`false`
  const x = fragmentAt(operands, 0)
  const type = node.operands.find((operand) => operand.type.kind === 'float')?.type ?? subjectType(node)
  // Structures: one by one. The rest goes as one array, so that the statement's text does not depend on how many there are.
  if (type.kind === 'array' || type.kind === 'vector' || isJsonArray(type)) return sql`(${x} in (${sql.join(operands.slice(1))}))`
  return sql`(${x} = any(${context.constant(encodeArray(type, values.map(literalValue)), `${pgType(type)}[]`)}))`
}

function literalValue(node: ExpressionNode): unknown {
  return node.node === 'literal' ? decodeJson(node.type, node.value) : null
}

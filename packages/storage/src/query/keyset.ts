import { decodeJson, type ExpressionNode } from '@vivant/core'
import { sql } from 'kysely'
import type { Fragment } from '../expression/sql-operator.ts'
import { encodeValue } from '../value/encode-value.ts'
import { pgType } from '../value/pg-type.ts'
import type { OrderKey, QuerySpec } from './query-spec.ts'

/**
 * That a row comes after a place in the order, which is the value of each sort key there. Where no key can be null and all go one way it
 * is a comparison of rows, which an index over the keys answers; otherwise key by key, with nulls last.
 *
 * @example
 * (t."year", t."_id") > (1999, 7)
 */
export function afterCondition({ after, orderBy }: QuerySpec, keys: readonly Fragment[], isNeverNull: (node: ExpressionNode) => boolean): readonly Fragment[] {
  if (after === null) return []
  const values = orderBy.map(({ node }, index) => constant(node, after[index] ?? null))
  const isRow = orderBy.every(({ node, direction }, index) => direction === orderBy[0]?.direction && after[index] !== null && isNeverNull(node))
  if (isRow) return [sql`(${sql.join(keys)}) ${beyond(orderBy[0])} (${sql.join(values)})`]
  const rest = (index: number): Fragment => {
    const [key, value, order] = [keys[index], values[index], orderBy[index]]
    if (key === undefined || value === undefined || order === undefined) return sql`false`
    if (after[index] === null) return sql`(${key} is null and ${rest(index + 1)})`
    const further = isNeverNull(order.node) ? sql`${key} ${beyond(order)} ${value}` : sql`${key} ${beyond(order)} ${value} or ${key} is null`
    return sql`(${further} or (${key} = ${value} and ${rest(index + 1)}))`
  }
  return [rest(0)]
}

function beyond(key: OrderKey | undefined): Fragment {
  return sql.raw(key?.direction === 'desc' ? '<' : '>')
}

function constant({ type }: ExpressionNode, json: unknown): Fragment {
  return sql`${encodeValue(type, decodeJson(type, json))}::${sql.raw(pgType(type))}`
}

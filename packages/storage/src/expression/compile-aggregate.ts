import { type AggregateNode, type ArrayDataType, type DataType, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { isJsonArray, pgType } from '../value/pg-type.ts'
import { jsonFormOf, jsonFormUnsupported } from './json-form.ts'
import { byCodePoint, isText } from './operand.ts'
import type { Fragment } from './sql-operator.ts'

/** Where the parts of an aggregate are in the rows of a group. */
export interface AggregateParts {
  readonly operand: Fragment | undefined
  readonly filter: Fragment | null
  readonly orderBy: readonly Fragment[]
  /** The order of a list that has none of its own. */
  readonly id: Fragment
}

/** An aggregate as SQL, of the type `pgType(node.type)`; its meaning is in the table of `AggregateName`. */
export function compileAggregate(node: AggregateNode, parts: AggregateParts): Fragment {
  const filter = parts.filter === null ? sql`` : sql` filter (where ${parts.filter})`
  const { operand } = parts
  if (operand === undefined) return sql`count(*)${filter}`
  const type = node.operands[0]?.type ?? node.type
  switch (node.aggregate) {
    case 'count':
      return sql`count(${operand})${filter}`
    case 'countDistinct':
      return sql`count(distinct ${operand})${filter}`
    case 'sum':
      return type.kind === 'bigint' ? wholeSum(sql`sum(${operand})${filter}`) : sql`(sum(${operand})${filter})::float8`
    case 'avg':
      return sql`(avg(${operand})${filter})::float8`
    case 'min':
    case 'max':
      return extreme(node.aggregate, type, operand, filter)
    case 'any':
      return sql`bool_or(${operand})${filter}`
    case 'every':
      return sql`bool_and(${operand})${filter}`
    case 'list':
    case 'listWithNulls':
      return listOf(node, operand, parts)
    default:
      node.aggregate satisfies never
      throw new VivantError('EXPRESSION_INVALID', `There is no aggregate '${String(node.aggregate)}'.`)
  }
}

/** Why PostgreSQL cannot answer it so that it means the same; undefined when it can. */
export function aggregateUnsupported(node: AggregateNode): string | undefined {
  const type = node.operands[0]?.type
  const isList = node.aggregate === 'list' || node.aggregate === 'listWithNulls'
  return isList && type !== undefined && isJsonArray(node.type) ? jsonFormUnsupported(type) : undefined
}

/** A sum of more digits than a bigint may have is null, as that of two of them is. */
function wholeSum(sum: Fragment): Fragment {
  return sql`(case when abs(${sum}) < 1e20 then (${sum})::numeric(20,0) end)`
}

/** There is no `min` of uuids before PostgreSQL 18; their text has the same order. */
function extreme(name: 'min' | 'max', type: DataType, operand: Fragment, filter: Fragment): Fragment {
  if (isText(type)) return sql`(${sql.raw(name)}(${byCodePoint(operand)})${filter} collate "default")`
  if (type.kind === 'uuid') return sql`(${sql.raw(name)}(${operand}::text collate "C")${filter})::uuid`
  return sql`(${sql.raw(name)}(${operand})${filter})::${sql.raw(pgType(type))}`
}

function listOf(node: AggregateNode, operand: Fragment, { filter, orderBy, id }: AggregateParts): Fragment {
  const keys = orderBy.map((key, index) => sql`${key} ${sql.raw(node.orderBy[index]?.direction === 'desc' ? 'desc nulls last' : 'asc')}`)
  const conditions = [...(node.aggregate === 'list' ? [sql`${operand} is not null`] : []), ...(filter === null ? [] : [filter])]
  const only = conditions.length === 0 ? sql`` : sql` filter (where ${sql.join(conditions, sql` and `)})`
  const order = sql`order by ${sql.join([...keys, id])}`
  const type = node.type as ArrayDataType
  if (isJsonArray(type)) return sql`coalesce(jsonb_agg(${jsonFormOf(type.element, operand)} ${order})${only}, '[]'::jsonb)`
  return sql`coalesce(array_agg(${operand} ${order})${only}, '{}')::${sql.raw(pgType(type))}`
}

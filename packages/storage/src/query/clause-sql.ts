import { type ExpressionNode, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { findColumn, type TableModel } from '../catalog/table-model.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import type { OrderKey, QuerySpec } from './query-spec.ts'

// The clauses of a statement, each on a line of its own.

export function list(fragments: readonly Fragment[]): Fragment {
  return sql.join(fragments, sql.raw(', '))
}

export function where(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? sql`` : sql`\nwhere ${sql.join(conditions, sql` and `)}`
}

/** The order of one table's rows: nulls last in both directions; not said of a column that has none, so that its index serves both. */
export function orderBy(keys: readonly Fragment[], order: readonly OrderKey[], model: TableModel): Fragment {
  return sorted(keys, order, (node) => isNeverNull(node, model))
}

export function sorted(keys: readonly Fragment[], order: readonly OrderKey[], isNeverNullKey: (node: ExpressionNode) => boolean): Fragment {
  if (keys.length === 0) return sql``
  const terms = keys.map((key, index) => {
    const { node, direction } = order[index] ?? missingKey()
    return sql`${key} ${sql.raw(direction)}${sql.raw(direction === 'asc' || isNeverNullKey(node) ? '' : ' nulls last')}`
  })
  return sql`\norder by ${list(terms)}`
}

export function page({ limit, offset }: Pick<QuerySpec, 'limit' | 'offset'>): Fragment {
  return sql`${limit === null ? sql`` : sql`\nlimit ${sql.lit(limit)}`}${offset === 0 ? sql`` : sql`\noffset ${offset}::int8`}`
}

/** As a sort key: text by code point. */
export function collated(node: ExpressionNode, fragment: Fragment): Fragment {
  return node.type.kind === 'text' || node.type.kind === 'enum' ? sql`(${fragment} collate "C")` : fragment
}

export function isNeverNull(node: ExpressionNode, model: TableModel): boolean {
  if (node.node !== 'column') return false
  if (node.column === '_id') return true
  const column = findColumn(model, node.column)
  return column?.kind === 'stored' && !column.nullable
}

function missingKey(): never {
  throw new VivantError('EXPRESSION_INVALID', 'A sort key is missing.')
}

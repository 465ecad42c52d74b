import type { BooleanType } from '../../value/value-type.ts'
import { createExpression } from '../create-expression.ts'
import { aggregateNode } from '../create-node.ts'
import type { NumberExpression } from '../number-expression.ts'
import type { GroupedColumn } from './grouped-column.ts'
import { groupedCondition } from './grouped-column-impl.ts'

/**
 * How many rows a group has; with a condition, how many for which it is true.
 *
 * ```ts
 * sales.groupBy((sale) => ({ shop: sale.shop })).select((key, sale) => ({ shop: key.shop, sales: count(), paid: count(sale.paid) }))
 * ```
 */
export function count(condition?: GroupedColumn<BooleanType>): NumberExpression<never> {
  const filter = condition === undefined ? null : groupedCondition(condition, 'count()').node
  return createExpression(aggregateNode('count', [], { kind: 'int' }, { filter })) as NumberExpression<never>
}

import { columnNode, nodesEqual } from '@vivant/core'
import type { OrderKey } from '@vivant/storage'
import type { QueryState } from './query-state.ts'

/** The whole order of results, so that no two have the same place: after the query's own keys those by which they differ. */
export function wholeOrder(state: QueryState): readonly OrderKey[] {
  const { orderBy } = state
  const direction = orderBy.at(-1)?.direction ?? 'asc'
  const further = identity(state).filter((node) => !orderBy.some((key) => nodesEqual(key.node, node)))
  return [...orderBy, ...further.map((node): OrderKey => ({ node, direction }))]
}

function identity({ distinct, selection, groups, tables }: QueryState): readonly OrderKey['node'][] {
  if (distinct && selection) return selection.nodes
  if (groups) return groups.keys.nodes
  return tables.map(({ source }) => columnNode('_id', { kind: 'int' }, source))
}

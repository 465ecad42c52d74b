import { createHash } from 'node:crypto'
import { type ExpressionNode, mapNode, serializeNode, VivantError } from '@vivant/core'
import type { OrderKey } from '@vivant/storage'
import type { QueryState } from './query-state.ts'

/** A place in the order of a query: the JSON form of each sort key there. An opaque text to users. */
export function createCursor(state: QueryState, order: readonly OrderKey[], values: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([orderForm(state, order), ...values])).toString('base64url')
}

/** The place that a cursor stands for. VALUE_INVALID for what is none, or is one of another order. */
export function parseCursor(state: QueryState, order: readonly OrderKey[], cursor: string): readonly unknown[] {
  const [form, ...values] = decoded(cursor)
  if (form === undefined || values.length !== order.length) throw new VivantError('VALUE_INVALID', 'after(): this is no cursor of executePage().')
  if (form === orderForm(state, order)) return values
  throw new VivantError('VALUE_INVALID', 'after(): this cursor is of a query that is sorted in another way.')
}

function decoded(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}

/** Which order it is, whatever numbers the tables of this query have. */
function orderForm({ tables }: QueryState, order: readonly OrderKey[]): string {
  const places = new Map(tables.map(({ source }, index) => [source, index]))
  const placed = (node: ExpressionNode): ExpressionNode =>
    mapNode(node, (inner) => (inner.node === 'column' || inner.node === 'cell' ? { ...inner, source: places.get(inner.source) ?? -1 } : undefined))
  const forms = order.map(({ node, direction }) => `${direction} ${serializeNode(placed(node))}`)
  return createHash('sha256').update(forms.join('\n')).digest('base64url').slice(0, 12)
}

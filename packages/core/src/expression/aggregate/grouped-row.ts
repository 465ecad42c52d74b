import { isExpression } from '../expression-state.ts'
import { groupedColumn } from './grouped-column-impl.ts'

/** A row, or an object of expressions, as callbacks after `groupBy` get it: each expression as a grouped column. */
export function groupedRow(row: object): object {
  // a target of its own: that of a row is frozen, and a proxy may not say otherwise
  return new Proxy(Object.create(null) as object, {
    get: (_target, name): unknown => grouped(Reflect.get(row, name)),
    has: (_target, name) => Reflect.has(row, name),
    ownKeys: () => Reflect.ownKeys(row),
    getOwnPropertyDescriptor: (_target, name) => {
      const own = Reflect.getOwnPropertyDescriptor(row, name)
      return own && { enumerable: own.enumerable ?? false, configurable: true, value: grouped(Reflect.get(row, name)) }
    },
  })
}

function grouped(value: unknown): unknown {
  if (isExpression(value)) return groupedColumn(value)
  return typeof value === 'object' && value !== null ? groupedRow(value) : value
}

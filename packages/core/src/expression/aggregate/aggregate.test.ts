import { expect, test } from 'vitest'
import { aggregateNode, columnNode, operatorNode } from '../create-node.ts'
import type { ExpressionNode } from '../node.ts'
import { columnsOf } from '../tree/columns-of.ts'
import { describeNode } from '../tree/describe-node.ts'
import { mapNode } from '../tree/map-node.ts'
import { parseNode } from '../tree/parse-node.ts'
import { serializeNode } from '../tree/serialize-node.ts'

const price = columnNode('price', { kind: 'float' })
const paid = columnNode('paid', { kind: 'boolean' })
const at = columnNode('at', { kind: 'timestamp' })
const list = aggregateNode('list', [price], { kind: 'array', element: price.type }, { filter: paid, orderBy: [{ node: at, direction: 'desc' }] })
const share = operatorNode('div', [aggregateNode('sum', [price], price.type), aggregateNode('count', [], { kind: 'int' }, { filter: paid })], price.type)

test('an aggregate is frozen, survives the catalog, and is told as it is written', () => {
  for (const node of [list, share]) expect(parseNode(JSON.parse(serializeNode(node)))).toEqual(node)
  expect([list, list.orderBy[0], list.filter].every(Object.isFrozen)).toBe(true)
  expect(describeNode(list)).toBe("price.where(paid).orderBy(at, 'desc').list()")
  expect(describeNode(share)).toBe('price.sum().div(count(paid))')
})

test('walks and replacements go through all of its parts', () => {
  expect(columnsOf(list)).toEqual([price, paid, at])
  expect(mapNode(list, () => undefined)).toBe(list)
  const renamed = mapNode(list, (node): ExpressionNode | undefined => (node.node === 'column' ? { ...node, column: `${node.column}2` } : undefined))
  expect(describeNode(renamed)).toBe("price2.where(paid2).orderBy(at2, 'desc').list()")
})

test('what the catalog cannot have written is refused with its place', () => {
  const changed = (change: object): unknown => ({ ...list, ...change })
  expect(() => parseNode(changed({ aggregate: 'median' }))).toThrow("expression: there is no aggregate 'median'")
  expect(() => parseNode(changed({ operands: [] }))).toThrow('expression: list cannot have 0 operands')
  expect(() => parseNode(changed({ orderBy: [{ node: at, direction: 'up' }] }))).toThrow('expression.orderBy[0]: goes neither asc nor desc')
})

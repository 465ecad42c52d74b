import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DataType } from '../../value/data-type.ts'
import { callNode, cellNode, columnNode, literalNode, objectNode, operatorNode } from '../create-node.ts'
import type { ExpressionNode } from '../node.ts'
import { operatorArity } from '../operator-arity.ts'
import type { OperatorName } from '../operator-name.ts'
import { columnsOf } from './columns-of.ts'
import { functionsOf } from './functions-of.ts'
import { mapNode } from './map-node.ts'
import { nodesEqual } from './nodes-equal.ts'
import { parseNode } from './parse-node.ts'
import { serializeNode } from './serialize-node.ts'
import { walkNodes } from './walk-nodes.ts'

const text: DataType = { kind: 'text' }
const types: fc.Arbitrary<DataType> = fc.constantFrom<DataType>(
  text,
  { kind: 'vector', dimensions: 3 },
  { kind: 'enum', values: ['a', 'b'] },
  { kind: 'array', element: { kind: 'int' } },
  { kind: 'record', fields: { x: { type: { kind: 'image' }, nullable: true } } },
)
const { node: nodes } = fc.letrec<{ node: ExpressionNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.tuple(fc.string(), types, fc.nat(2)).map(([name, type, source]) => columnNode(name, type, source)),
    fc.constant(cellNode('a', 'attempts', { kind: 'int' })),
    fc.tuple(fc.jsonValue(), types).map(([value, type]) => literalNode(JSON.parse(JSON.stringify(value)), type)),
    fc.constantFrom(...(Object.keys(operatorArity) as OperatorName[])).chain((operator) => {
      const arity = operatorArity[operator]
      const count = arity === 'any' ? { maxLength: 3 } : { minLength: arity, maxLength: arity }
      return fc
        .tuple(fc.array(tie('node'), count), types, fc.option(fc.dictionary(fc.string(), fc.nat()), { nil: undefined }))
        .map(([operands, type, options]) => operatorNode(operator, operands, type, options))
    }),
    fc
      .tuple(fc.string(), fc.string(), fc.array(tie('node'), { maxLength: 3 }), types)
      .map(([name, hash, operands, type]) => callNode({ name, hash }, operands, type)),
    fc.dictionary(fc.string(), tie('node'), { maxKeys: 3 }).map((fields) => objectNode(fields)),
  ),
}))

test('every expression survives the catalog', () => {
  fc.assert(
    fc.property(nodes, (node) => {
      const read = parseNode(JSON.parse(serializeNode(node)))
      expect(nodesEqual(read, node)).toBe(true)
      expect(serializeNode(read)).toBe(serializeNode(node))
    }),
  )
})

test('replacing nothing gives the same object, and a walk visits each node once', () => {
  fc.assert(
    fc.property(nodes, (node) => {
      expect(mapNode(node, () => undefined)).toBe(node)
      const renamed = mapNode(node, (inner) => (inner.node === 'column' ? columnNode('z', inner.type) : undefined))
      expect(columnsOf(renamed).every(({ column }) => column === 'z')).toBe(true)
      expect([...walkNodes(renamed)]).toHaveLength([...walkNodes(node)].length)
    }),
  )
})

const a = columnNode('a', text)
const call = (hash: string, ...operands: ExpressionNode[]) => callNode({ name: 'f', hash }, operands, text)

test('columns and functions are listed once, in order', () => {
  const node = operatorNode('concat', [call('1', columnNode('b', text), a), call('1', a)], text)
  expect(columnsOf(node).map(({ column }) => column)).toEqual(['b', 'a'])
  expect(functionsOf(node)).toEqual([{ name: 'f', hash: '1' }])
})

test('equality can look past the code of functions', () => {
  const [one, two] = [call('1', call('1', a)), call('2', call('3', a))]
  expect(nodesEqual(one, two)).toBe(false)
  expect(nodesEqual(one, two, { ignoreCode: true })).toBe(true)
  expect(nodesEqual(one, call('1', call('1', columnNode('b', text))), { ignoreCode: true })).toBe(false)
})

describe('what is no expression is refused with its place', () => {
  test.each<[unknown, string]>([
    [null, 'expression: is not an object'],
    [{ node: 'nothing' }, "there is no node 'nothing'"],
    [{ node: 'operator', operator: 'eq', operands: [], type: text }, 'eq has 0 operands instead of 2'],
    [{ node: 'operator', operator: 'toString', operands: [], type: text }, "there is no operator 'toString'"],
    [{ node: 'column', column: 'a', source: 0, type: { kind: 'texts' } }, "expression.type: there is no type 'texts'"],
    [{ node: 'column', column: 'a', source: -1, type: text }, 'has no source'],
    [{ node: 'call', function: { name: 'f' }, operands: [], type: text }, 'expression.function.hash: is not a text'],
    [{ node: 'object', fields: { x: 5 } }, 'expression.x: is not an object'],
    [{ node: 'literal', type: text }, 'has no value'],
  ])('%#', (json, message) => {
    expect(() => parseNode(json)).toThrow(message)
  })
})

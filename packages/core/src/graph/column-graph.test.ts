import fc from 'fast-check'
import { expect, test } from 'vitest'
import { callNode, columnNode } from '../expression/create-node.ts'
import type { ExpressionNode } from '../expression/node.ts'
import { ColumnGraph } from './column-graph.ts'
import type { GraphColumn } from './graph-columns.ts'

const text = { kind: 'text' } as const
const reads = (...names: string[]): ExpressionNode =>
  callNode(
    { name: 'f', hash: '' },
    names.map((name) => columnNode(name, text)),
    text,
  )
const cell = (name: string, inputs: string[], more: Partial<GraphColumn> = {}): GraphColumn => ({
  name,
  expression: reads(...inputs),
  when: null,
  virtual: false,
  ...more,
})
const code = (error: string, details: object = {}) => expect.objectContaining({ code: error, details: expect.objectContaining(details) as object }) as Error

const graph = new ColumnGraph({
  stored: [{ name: 'frame' }, { name: 'title' }],
  computed: [
    cell('caption', ['thumb'], { when: reads('dark') }),
    cell('thumb', ['frame', '_id']),
    cell('brightness', ['thumb']),
    cell('dark', ['brightness'], { virtual: true }),
    cell('label', ['caption', 'title']),
  ],
})

test('inputs are split in stored columns and cells, and virtual columns are seen through', () => {
  expect(graph.inputsOf('thumb')).toEqual({ stored: ['frame'], cells: [] })
  expect(graph.inputsOf('caption')).toEqual({ stored: [], cells: ['thumb', 'brightness'] })
  expect(graph.readsOf('caption')).toEqual(['thumb', 'dark'])
  expect(graph.inputsOf('dark')).toEqual({ stored: [], cells: ['brightness'] })
  expect(graph.inputsOf('title')).toEqual({ stored: [], cells: [] })
  expect(graph.allInputsOf('label')).toEqual({ stored: ['title', 'frame'], cells: ['thumb', 'brightness', 'caption'] })
})

test('dependents are found through virtual columns and all levels', () => {
  expect(graph.dependentsOf('brightness')).toEqual(['dark', 'caption'])
  expect(graph.dependentsOf('title')).toEqual(['label'])
  expect(graph.dependentsOf('dark')).toEqual([])
  expect(graph.allDependentsOf('frame')).toEqual(['thumb', 'brightness', 'dark', 'caption', 'label'])
})

test('a rank is the number of cells in a row before it', () => {
  expect(['thumb', 'brightness', 'caption', 'label', 'dark', 'title'].map((name) => graph.rankOf(name))).toEqual([0, 1, 2, 3, 2, 0])
  expect(graph.isVirtual('dark')).toBe(true)
})

test('virtual columns are inlined', () => {
  expect(graph.inlineVirtual(reads('dark', 'title'))).toEqual(callNode({ name: 'f', hash: '' }, [reads('brightness'), columnNode('title', text)], text))
})

test('a circle is refused with its path', () => {
  const build = () => new ColumnGraph({ stored: [], computed: [cell('x', ['a']), cell('a', ['b']), cell('b', ['a'])] })
  expect(build).toThrow(code('CYCLE', { path: ['a', 'b', 'a'] }))
  expect(build).toThrow('a → b → a')
  expect(() => new ColumnGraph({ stored: [], computed: [cell('a', ['a'])] })).toThrow('a → a')
})

test('a column that is not there is named with the column that reads it', () => {
  const build = () => new ColumnGraph({ stored: [{ name: 'title' }], computed: [cell('a', ['titel'])] })
  expect(build).toThrow("there is no column 'titel' (read by 'a'); did you mean 'title'?")
  expect(() => graph.inputsOf('nothing')).toThrow(code('COLUMN_NOT_FOUND'))
})

test('what others read cannot be dropped, and the message says who needs it', () => {
  expect(() => graph.checkDroppable('thumb')).toThrow(code('COLUMN_NEEDED', { column: 'thumb' }))
  expect(() => graph.checkDroppable('caption')).toThrow("'caption' is needed: label reads caption")
  expect(() => graph.checkDroppable('label')).not.toThrow()
})

test('a column of another row is refused', () => {
  const foreign = { ...cell('a', []), expression: columnNode('x', text, 1) }
  expect(() => new ColumnGraph({ stored: [{ name: 'x' }], computed: [foreign] })).toThrow(code('EXPRESSION_INVALID'))
})

test('in any graph without circles, each column comes after what it reads and its rank is greater', () => {
  const layered = fc
    .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
    .map((lists) =>
      lists.map((list, index) => cell(`c${index}`, index === 0 ? ['s'] : list.map((item) => `c${item % index}`), { virtual: (list[0] ?? 0) % 3 === 1 })),
    )
  fc.assert(
    fc.property(layered, fc.infiniteStream(fc.nat()), (columns, order) => {
      const shuffled = columns.map((column) => ({ column, key: order.next().value as number })).toSorted((a, b) => a.key - b.key)
      const built = new ColumnGraph({ stored: [{ name: 's' }], computed: shuffled.map(({ column }) => column) })
      for (const { name } of columns) {
        for (const input of built.readsOf(name)) if (input !== 's') expect(built.order.indexOf(input)).toBeLessThan(built.order.indexOf(name))
        for (const input of built.inputsOf(name).cells) {
          expect(built.rankOf(input)).toBeLessThan(built.rankOf(name))
          expect(built.isVirtual(input)).toBe(false)
          expect(built.dependentsOf(input)).toContain(name)
        }
      }
    }),
  )
})

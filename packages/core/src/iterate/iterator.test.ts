import { describe, expect, test, vi } from 'vitest'
import { t } from '../column/t.ts'
import { createColumnExpression } from '../expression/create-column-expression.ts'
import { callNode } from '../expression/create-node.ts'
import type { ExpressionOf } from '../expression/expression-of.ts'
import { describeNode } from '../expression/tree/describe-node.ts'
import { udf } from '../function/udf.ts'
import type { ArrayType, JsonType, TextType } from '../value/value-type.ts'
import { each } from './each.ts'
import { iterationState } from './iteration.ts'
import { iterator } from './iterator.ts'
import { builtInFunction, functionOfIterator, iteratorOf } from './function-of-iterator.ts'

const code = (error: string) => expect.objectContaining({ code: error }) as Error
const body = createColumnExpression('body', { kind: 'text' }) as ExpressionOf<TextType, never>
const tags = createColumnExpression('tags', { kind: 'array', element: { kind: 'text' } }) as ExpressionOf<ArrayType<TextType>, never>
const doc = createColumnExpression('doc', { kind: 'json' }) as ExpressionOf<JsonType<number[]>, never>

const lines = iterator(
  { name: 'lines', input: [t.text(), t.int().default(100)], output: { line: t.text(), number: t.int(), note: t.text().nullable() } },
  function* (text, limit) {
    for (const [number, line] of text.split('\n').slice(0, limit).entries()) yield { line, number, note: null }
  },
)
const later = iterator({ name: 'later', input: [t.text()], output: { letter: t.text().max(1) } }, async function* (text) {
  for (const letter of text) yield await Promise.resolve({ letter })
})

describe('called with values', () => {
  test('it iterates, in both kinds of loop', async () => {
    expect([...lines('a\nb')]).toEqual([
      { line: 'a', number: 0, note: null },
      { line: 'b', number: 1, note: null },
    ])
    expect([...lines('a\nb', 1)]).toHaveLength(1)
    const letters: string[] = []
    for await (const { letter } of later('xyz')) letters.push(letter)
    expect(letters).toEqual(['x', 'y', 'z'])
  })

  test('a null for an argument that takes none gives nothing, without a call', async () => {
    const spy = vi.fn(() => [{ n: 1 }])
    const strict = iterator({ name: 'strict', input: [t.text()], output: { n: t.int() }, version: '1' }, spy)
    expect([...strict(null as never)]).toEqual([])
    for await (const _ of later(null as never)) expect.unreachable()
    expect(spy).not.toHaveBeenCalled()
  })

  test('each item is checked when it comes', () => {
    const wrong = iterator({ name: 'wrong', input: [t.int()], output: { count: t.int().max(3) } }, (n) => [{ count: n }, { count: 1 }])
    expect([...wrong(3)]).toHaveLength(2)
    expect(() => [...wrong(4)]).toThrow('the result of wrong.count: the value 4 is more than 3')
    const missing = iterator({ name: 'missing', input: [], output: { count: t.int() } }, () => [{} as { count: number }])
    expect(() => [...missing()]).toThrow(code('OUTPUT_INVALID'))
    const other = iterator({ name: 'other', input: [], output: { count: t.int() } }, () => [{ count: 1, cuont: 2 }])
    expect(() => [...other()]).toThrow("other yielded 'cuont', which is not among its columns")
    const none = iterator({ name: 'none', input: [], output: { count: t.int() } }, () => 'text' as never)
    expect(() => none()).toThrow('none returned the text "text" instead of a generator or an array')
  })

  test('a generator is closed when the loop is left', () => {
    const close = vi.fn()
    const endless = iterator({ name: 'endless', input: [], output: { n: t.int() } }, function* () {
      try {
        for (let n = 0; ; n++) yield { n }
      } finally {
        close()
      }
    })
    for (const { n } of endless()) if (n === 3) break
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('called with an expression', () => {
  const upper = udf({ name: 'upper_case', input: [t.text()], output: t.text() }, (text) => text.toUpperCase())

  test('it is what a view is made of, with every argument in place and the code beside it', () => {
    const { node, iterator: definition, functions } = iterationState(lines(upper(body)))
    expect(node.operands.map(describeNode)).toEqual(['upper_case(body)', '100'])
    expect(node.iterator).toEqual({ name: 'lines', hash: lines.definition.hash })
    expect(node.columns).toEqual([
      { name: 'line', type: { kind: 'text' }, nullable: false },
      { name: 'number', type: { kind: 'int' }, nullable: false },
      { name: 'note', type: { kind: 'text' }, nullable: true },
    ])
    expect(definition).toBe(lines.definition)
    expect([...functions]).toEqual([upper.definition])
    expect(Object.isFrozen(node.columns)).toBe(true)
    expect(iterationState(lines.iteration('constant')).node.operands).toHaveLength(2)
  })

  test('an argument of another type is refused with its place', () => {
    expect(() => lines(tags as never)).toThrow('argument 1 of lines takes text, not array(text) (tags)')
    expect(() => iterationState(body)).toThrow(code('TYPE_MISMATCH'))
  })
})

test('a column that a view cannot have is refused', () => {
  for (const name of ['parent', 'pos', '_id', '']) {
    expect(() => iterator({ name: 'bad', input: [], output: { [name]: t.int() } }, () => [])).toThrow(code('NAME_INVALID'))
  }
  expect(() => iterator({ name: 'bad', input: [], output: {} }, () => [])).toThrow(code('CONFIGURATION_INVALID'))
})

describe('each', () => {
  test('gives the elements of arrays and JSON lists as a column', () => {
    expect(iterationState(each(tags)).node.columns).toEqual([{ name: 'value', type: { kind: 'text' }, nullable: false }])
    expect(iterationState(each(doc)).node.columns).toEqual([{ name: 'value', type: { kind: 'json' }, nullable: true }])
    expect([...each(['a', 'b'])]).toEqual([{ value: 'a' }, { value: 'b' }])
    expect(() => each(body as never)).toThrow('each() takes an array or a JSON list, not text')
    expect(() => each('ab' as never)).toThrow(code('TYPE_MISMATCH'))
  })

  test('is known to every process, whatever the type of its list', () => {
    for (const iteration of [each(tags), each(doc)]) {
      const { node, iterator: definition } = iterationState(iteration)
      const call = callNode(node.iterator, node.operands, functionOfIterator(definition).output.type)
      expect(iteratorOf(builtInFunction(call)!)).toEqual(definition)
    }
    const { node } = iterationState(lines(body))
    expect(builtInFunction(callNode(node.iterator, node.operands, { kind: 'json' }))).toBe(undefined)
  })

  test('refuses JSON that is no list', () => {
    const { iterator: definition } = iterationState(each(doc))
    const run = definition.code as (list: unknown) => Iterable<unknown>
    expect(() => [...run({ a: 1 })]).toThrow(code('VALUE_INVALID'))
  })
})

import { describe, expect, test, vi } from 'vitest'
import { table } from '../schema/table.ts'
import { tableDefinition } from '../schema/definition-impl.ts'
import { t } from '../column/t.ts'
import { expressionFunctions, expressionNode, isExpression } from '../expression/expression-state.ts'
import { lit } from '../expression/lit.ts'
import { describeNode } from '../expression/tree/describe-node.ts'
import { resource } from './resource.ts'
import { udf } from './udf.ts'
import { validateOutput } from './validate-output.ts'

const wordCount = udf({ name: 'word_count', input: [t.text()], output: t.int() }, (text) => text.split(/\s+/u).length)
const embed = udf({ name: 'embed', input: [t.text()], output: t.vector(1), batch: 8 }, async (texts) => Promise.resolve(texts.map((text) => [text.length])))
const resize = udf(
  { name: 'resize', input: [t.text(), t.json<{ width?: number }>().default({})], output: t.text() },
  (text, options) => `${text} ${options.width ?? 'as it is'}`,
)
const code = (error: string) => expect.objectContaining({ code: error }) as Error

describe('called with values', () => {
  test('it runs, also when it is batched', async () => {
    expect(wordCount('a b')).toBe(2)
    expect(await embed('abc')).toEqual([3])
  })

  test('trailing arguments with a default may be left out', () => {
    expect(resize('x')).toBe('x as it is')
    expect(resize('x', { width: 3 })).toBe('x 3')
    expect(() => resize(...([] as unknown as [string]))).toThrow('resize takes 1 to 2 argument(s), not 0')
    expect(() => wordCount(...(['a', 'b'] as unknown as [string]))).toThrow('word_count takes 1 argument(s), not 2')
  })

  test('a null for an argument that takes none gives null without a call', () => {
    const spy = vi.fn(() => 1)
    const strict = udf({ name: 'strict', input: [t.text()], output: t.int(), version: '1' }, spy)
    expect(strict(null as never)).toBe(null)
    expect(spy).not.toHaveBeenCalled()
  })

  test('arguments and results are checked', async () => {
    expect(() => wordCount(5 as never)).toThrow(code('VALUE_INVALID'))
    const wrong = udf({ name: 'wrong', input: [], output: t.int() }, () => 1.5)
    expect(() => wrong()).toThrow(code('OUTPUT_INVALID'))
    const late = udf({ name: 'late', input: [], output: t.text() }, async () => Promise.resolve('a\0'))
    await expect(late()).rejects.toThrow(code('OUTPUT_INVALID'))
    const bounded = udf({ name: 'bounded', input: [], output: t.int().max(3) }, () => 4)
    expect(() => bounded()).toThrow('the result of bounded: the value 4 is more than 3')
  })

  test('a batch that returns another number of results is an error, an Error in an item’s place is thrown', () => {
    const none = udf({ name: 'none', input: [], output: t.int(), batch: 2 }, () => [])
    expect(() => none()).toThrow(code('RESULT_COUNT'))
    const failing = udf({ name: 'failing', input: [], output: t.int(), batch: 2 }, () => [new Error('this row')])
    expect(() => failing()).toThrow('this row')
  })

  test('the context creates a resource once, and again after it failed', async () => {
    const create = vi.fn<() => string>().mockImplementationOnce(() => {
      throw new Error('not yet')
    })
    create.mockReturnValue('model')
    const model = resource({ name: 'model', create })
    const ask = udf({ name: 'ask', input: [], output: t.text() }, async ({ use }) => use(model))
    await expect(ask()).rejects.toThrow('not yet')
    expect(await Promise.all([ask(), ask()])).toEqual(['model', 'model'])
    expect(create).toHaveBeenCalledTimes(2)
    expect(model.with('fake')).toEqual({ resource: model, value: 'fake' })
  })
})

describe('called with an expression', () => {
  test('it builds one, with every argument in place and the code beside it', () => {
    const call = resize(lit('a').upper())
    expect(isExpression(call)).toBe(true)
    expect(describeNode(expressionNode(call))).toBe('resize("a".upper(), {})')
    expect([...expressionFunctions(wordCount(call))]).toEqual([wordCount.definition, resize.definition])
  })

  test('expression() always builds one', () => {
    expect(describeNode(expressionNode(wordCount.expression('two words')))).toBe('word_count("two words")')
  })

  test('an argument of another type is refused with its place', () => {
    expect(() => wordCount(lit(5) as never)).toThrow('argument 1 of word_count takes text, not int (5)')
    expect(() => resize(lit('a'), { width: lit(5) } as never)).toThrow('build the object with obj({ … })')
  })
})

test('an output of several fields is a record', () => {
  const analyse = udf({ name: 'analyse', input: [t.text()], output: { words: t.int(), first: t.text().nullable() } }, (text) => ({
    words: text.length,
    first: null,
  }))
  expect(analyse.definition.output.type).toEqual({
    kind: 'record',
    fields: { words: { type: { kind: 'int' }, nullable: false }, first: { type: { kind: 'text' }, nullable: true } },
  })
  expect(analyse('ab')).toEqual({ words: 2, first: null })
  expect(describeNode(expressionNode(analyse(lit('a')).words.gt(3)))).toBe('analyse("a").words.gt(3)')
  expect(validateOutput({ words: 1 }, analyse.definition)).toEqual({ words: 1, first: null })
})

test('an unnamed function has no name and a stored column refuses it', () => {
  const unnamed = udf({ input: [t.text()], output: t.text() }, (text) => text)
  expect(unnamed.definition.name).toBe(null)
  const posts = table('posts', { body: t.text() })
  expect(() => posts.computed('copy', (post) => unnamed(post.body))).toThrow(code('FUNCTION_UNNAMED'))
  expect(tableDefinition(posts.computed('n', (post) => wordCount(post.body))).computed[0]?.functions).toEqual([wordCount.definition])
})

test('a named function gives its own name', () => {
  const named = udf({ input: [], output: t.int() }, function answer() {
    return 42
  })
  expect(named.definition.name).toBe('answer')
})

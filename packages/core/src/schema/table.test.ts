import { describe, expect, test } from 'vitest'
import { t } from '../column/t.ts'
import { lit } from '../expression/lit.ts'
import { now } from '../expression/now.ts'
import { describeNode } from '../expression/tree/describe-node.ts'
import { udf } from '../function/udf.ts'
import type { Expression } from '../expression/expression.ts'
import { embeddingModel } from './embedding-model.ts'
import { isDefinition, tableDefinition } from './definition-impl.ts'
import type { Row } from './row.ts'
import type { SchemaOf } from './schema.ts'
import { table } from './table.ts'
import { validateName } from './validate-name.ts'

const code = (error: string) => expect.objectContaining({ code: error }) as Error
const shout = udf({ name: 'shout', input: [t.text()], output: t.text() }, (text) => text.toUpperCase())
const embed = udf({ name: 'embed', input: [t.text()], output: t.vector(3) }, () => [1, 2, 3])
const words = embeddingModel({ name: 'words', embed })

const posts = table(
  'posts',
  { slug: t.text().unique(), body: t.text(), year: t.int().nullable() },
  { unique: [['slug', 'year']], index: [['year']], description: 'what we wrote' },
)

test('a definition holds the table as data', () => {
  const definition = tableDefinition(posts.computed('loud', (post) => shout(post.body), { priority: 3, retry: { attempts: 2 } }).embeddingIndex('loud', words))
  expect(definition).toMatchObject({
    name: 'posts',
    description: 'what we wrote',
    columns: [{ name: 'slug', unique: true }, { name: 'body' }, { name: 'year', nullable: true }],
    constraints: { primaryKey: null, unique: [['slug', 'year']], indexes: [['year']] },
    computed: [
      {
        name: 'loud',
        nullable: false,
        functions: [shout.definition],
        options: { when: null, onError: 'block', priority: 3, retry: { attempts: 2, initialMs: 1000 }, description: null, onCodeChange: 'recompute' },
      },
    ],
    embeddingIndexes: [
      { column: 'loud', name: 'loud', metric: 'cosine', model: { name: 'words', dimensions: 3, embed: embed.definition, embedQuery: embed.definition } },
    ],
  })
  expect(tableDefinition(posts).computed).toEqual([])
  expect(isDefinition(posts)).toBe(true)
  expect(isDefinition({ name: 'posts' })).toBe(false)
})

describe('a computed column is nullable', () => {
  type Post = Row<SchemaOf<typeof posts>>
  type Case = readonly [label: string, value: (post: Post) => Expression, options: object | undefined, expected: boolean]
  const cases: readonly Case[] = [
    ['never, when nothing is', (post) => post.body.upper(), undefined, false],
    ['when an input is', (post) => post.year, undefined, true],
    ['when a null reaches a function that takes none', (post) => shout(post.year.cast(t.text())), undefined, true],
    ['not after orElse', (post) => post.year.orElse(0), undefined, false],
    ['after a division', (post) => post.body.length().div(2), undefined, true],
    ['with when', (post) => post.body, { when: () => lit(true) }, true],
    ['with onError null', (post) => post.body, { onError: 'null' }, true],
    ['not as the moment', () => now(), undefined, false],
  ]
  test.each(cases)('%s', (_, value, options, expected) => {
    expect(tableDefinition(posts.computed('x', value, options)).computed[0]?.nullable).toBe(expected)
  })
})

test('columns are read by name, and a wrong name says which one is meant', () => {
  expect(() => posts.computed('x', (post) => (post as never as { bodi: typeof post.body }).bodi)).toThrow("'posts' has no column 'bodi'; did you mean 'body'?")
  const chained = posts.computed('a', (post) => post.body.upper()).computed('b', (post) => post.a.concat(post.slug))
  expect(describeNode(tableDefinition(chained).computed[1]!.expression)).toBe('a.concat(slug)')
})

test('what a computed column cannot be is refused', () => {
  expect(() => posts.computed('body' as never, (post) => post.body)).toThrow(code('COLUMN_EXISTS'))
  expect(() => posts.computed('_x' as never, (post) => post.body)).toThrow(code('NAME_INVALID'))
  expect(() => posts.computed('x', () => 5 as never)).toThrow('an expression is expected, not the number 5')
  expect(() => posts.embeddingIndex('body', words).computed('x', (post) => post.body.similarity('y'))).toThrow(code('EXPRESSION_INVALID'))
})

test('what an embedding index cannot be is refused', () => {
  const twice = posts.embeddingIndex('body', words)
  expect(() => twice.embeddingIndex('body', words)).toThrow(code('NAME_TAKEN'))
  expect(tableDefinition(twice.embeddingIndex('body', words, { name: 'again' })).embeddingIndexes).toHaveLength(2)
  expect(() => posts.embeddingIndex('year', words as never)).toThrow("the model 'words' embeds text, but the column 'year' is int")
  expect(() => posts.embeddingIndex('bodi' as never, words as never)).toThrow(code('COLUMN_NOT_FOUND'))
  const short = udf({ name: 'short', input: [t.text()], output: t.vector(2) }, () => [1, 2])
  expect(() => embeddingModel({ name: 'mixed', embed, embedQuery: short })).toThrow('vectors of one length, not vector(3) and vector(2)')
})

test('constraints name columns that are there, and there is one primary key', () => {
  expect(() => table('x', { a: t.int() }, { index: [['b' as never]] })).toThrow(code('COLUMN_NOT_FOUND'))
  expect(() => table('x', { a: t.int().primaryKey(), b: t.int().primaryKey() })).toThrow(code('CONFIGURATION_INVALID'))
  expect(() => table('x', { a: t.int().primaryKey(), b: t.int() }, { primaryKey: ['a', 'b'] })).toThrow(code('CONFIGURATION_INVALID'))
  expect(() => table('x', { a: t.int() }, { unique: [[]] })).toThrow(code('CONFIGURATION_INVALID'))
})

test('a reference may be a definition', () => {
  const definition = tableDefinition(table('comments', { post: t.int().references(posts, { onDelete: 'cascade' }) }))
  expect(definition.columns[0]?.references).toEqual({ table: 'posts', column: '_id', onDelete: 'cascade' })
})

describe('names', () => {
  test.each(['select', 'Größe', 'a "quoted" name', "it's", '🦄', 'with space', '1st', 'constructor', 'x'.repeat(63)])('%s is a name', (name) => {
    expect(validateName(name, 'column')).toBe(name)
  })
  test.each(['', '_x', 'a$b', 'a\0b', '\ud800', 'x'.repeat(64), 'é'.repeat(32)])('%j is none', (name) => {
    expect(() => validateName(name, 'column')).toThrow(code('NAME_INVALID'))
    expect(() => table(name as 'x', { a: t.int() })).toThrow(code('NAME_INVALID'))
  })
})

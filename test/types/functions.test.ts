import {
  type EmbeddingModel,
  type FunctionContext,
  type FunctionDefinition,
  type FunctionOptions,
  type Image,
  type ImageExpression,
  type ImageType,
  type MediaInput,
  type NumberExpression,
  type Resource,
  type ResourceOverride,
  type TextExpression,
  type TextType,
  type VectorExpression,
  embeddingModel,
  resource,
  t,
  table,
  udf,
} from '@vivant/core'
import { expect, expectTypeOf, test } from 'vitest'

const wordCount = udf({ name: 'word_count', input: [t.text()], output: t.int() }, (text) => text.split(/\s+/u).length)
const embed = udf(
  {
    name: 'embed',
    input: [t.text()],
    output: t.vector(3),
    batch: 64,
    pool: 'gpu',
    timeoutMs: 30_000,
    retry: { attempts: 5, backoff: 'exponential' },
    memo: true,
  },
  async (texts, { signal }) => {
    expectTypeOf(texts).toEqualTypeOf<readonly string[]>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    return Promise.resolve(texts.map((text) => [text.length, 0, 0]))
  },
)
const orNone = udf({ name: 'or_none', input: [t.text().nullable(), t.int()], output: t.text() }, (text, n) => text ?? String(n))
const mood = udf({ name: 'mood', input: [t.text()], output: t.enum('good', 'bad').nullable() }, (text) => (text === '' ? null : 'good'))
const today = udf({ name: 'today', input: [], output: t.timestamp() }, () => new Date())
const batched = udf({ name: 'batched', input: [t.array(t.text()), t.int()], output: t.int(), batch: 8 }, (lists, numbers) =>
  lists.map((list, index) => list.length + (numbers[index] ?? 0)),
)
const partial = udf({ name: 'partial', input: [t.text()], output: t.int(), batch: 8 }, (texts) =>
  texts.map((text) => (text === '' ? new Error('empty') : text.length)),
)
const song = udf({ name: 'song', input: [t.text()], output: { lyrics: t.text().nullable(), tempo: t.float() } }, (text) => ({ lyrics: text, tempo: 120 }))
const resize = udf({ name: 'resize', input: [t.image(), t.json<{ width?: number }>().default({})], output: t.image() }, async (picture) =>
  Promise.resolve(picture),
)

const posts = table('posts', { body: t.text(), note: t.text().nullable(), photo: t.image(), tags: t.array(t.text()), many: t.int().nullable() })

test('with values a function runs', async () => {
  expectTypeOf(wordCount('a b')).toEqualTypeOf<number>()
  expectTypeOf(embed('a')).toEqualTypeOf<Promise<number[]>>()
  expectTypeOf(orNone(null, 1)).toEqualTypeOf<string>()
  expectTypeOf(mood('')).toEqualTypeOf<'good' | null>()
  expectTypeOf(today()).toEqualTypeOf<Date>()
  expectTypeOf(batched(['a', 'b'], 1)).toEqualTypeOf<number>()
  expectTypeOf(partial('a')).toEqualTypeOf<number>()
  expectTypeOf((picture: Image) => resize(picture, {})).returns.toEqualTypeOf<Promise<Image>>()
  expectTypeOf(song('la').tempo).toEqualTypeOf<120>()
  expect([wordCount('a b'), await embed('a'), orNone(null, 1), mood(''), batched(['a', 'b'], 1), song('la')]).toEqual([
    2,
    [1, 0, 0],
    '1',
    null,
    3,
    { lyrics: 'la', tempo: 120 },
  ])
})

test('with expressions it builds one, and a null for a non-null argument gives null', () => {
  posts
    .computed('a', (p) => {
      expectTypeOf(wordCount(p.body)).toEqualTypeOf<NumberExpression<never>>()
      expectTypeOf(wordCount(p.note)).toEqualTypeOf<NumberExpression<null>>()
      expectTypeOf(orNone(p.note, 3)).toEqualTypeOf<TextExpression<string, never>>()
      expectTypeOf(orNone(null, p.many)).toEqualTypeOf<TextExpression<string, null>>()
      expectTypeOf(embed(p.body)).toEqualTypeOf<VectorExpression<3, never>>()
      expectTypeOf(mood(p.body)).toEqualTypeOf<TextExpression<'good' | 'bad', null>>()
      expectTypeOf(resize(p.photo, { width: 3 })).toEqualTypeOf<ImageExpression<never>>()
      expectTypeOf(song(p.body).tempo).toEqualTypeOf<NumberExpression<never>>()
      expectTypeOf(song(p.body).lyrics).toEqualTypeOf<TextExpression<string, null>>()
      expectTypeOf(song(p.note).tempo).toEqualTypeOf<NumberExpression<null>>()
      return song(p.body)
    })
    .computed('tempo', (p) => p.a.tempo)
    .computed('b', (p) => resize(p.photo))
    .computed('c', () => today.expression())
    .computed('d', () => wordCount.expression('two words'))
    .computed('e', (p) => wordCount(p.body.upper()).mul(2))
    .computed('f', (p) => batched(p.tags, 1))
})

test('a wrong argument is a compile error, and an error at run time', () => {
  // @ts-expect-error wrong argument
  expect(() => wordCount(5)).toThrow('is not text')
  // @ts-expect-error null where the function does not take it
  expect(wordCount(null)).toBe(null)
  // @ts-expect-error missing argument
  expect(() => orNone('x')).toThrow('takes 2 argument(s), not 1')
  posts.computed('a', (p) => {
    // @ts-expect-error a number where text is expected
    expect(() => wordCount(p.many)).toThrow('takes text, not int (many)')
    // @ts-expect-error an unknown option
    void resize(p.photo, { widht: 3 })
    // @ts-expect-error text where an image is expected
    expect(() => resize(p.body)).toThrow('takes image, not text (body)')
    return p.body
  })
  // @ts-expect-error a value, not an expression: lit() or .expression()
  expect(() => posts.computed('a', () => wordCount('two words'))).toThrow('an expression is expected')
  const size = udf({ name: 'size', input: [t.json()], output: t.int() }, () => 1)
  posts.computed('a', (p) => {
    // @ts-expect-error an expression inside a JSON argument: use obj({ a: p.body })
    expect(() => size({ a: p.body })).toThrow('obj(')
    return size(p.body.cast(t.json()))
  })
})

test('a wrong result is a compile error', () => {
  // @ts-expect-error wrong result
  udf({ input: [t.text()], output: t.int() }, (text) => text)
  // @ts-expect-error with batch the result is an array
  udf({ input: [t.text()], output: t.int(), batch: 2 }, (texts) => texts.length)
  // @ts-expect-error not one of the enum
  udf({ input: [], output: t.enum('a', 'b') }, () => 'c')
  // @ts-expect-error a field of the record is missing
  udf({ input: [], output: { a: t.int(), b: t.int() } }, () => ({ a: 1 }))
})

test('the context is the last argument', () => {
  udf({ input: [t.text()], output: t.int() }, (_text, context) => {
    expectTypeOf(context).toEqualTypeOf<FunctionContext>()
    return 1
  })
})

test('an embedding model fits columns of its type, and makes them searchable by its questions', () => {
  const embedImage = udf({ name: 'embed_image', input: [t.image()], output: t.vector(3) }, () => [1, 2, 3])
  const words = embeddingModel({ name: 'words', embed })
  const pictures = embeddingModel({ name: 'pictures', embed: embedImage, embedQuery: embed })
  expectTypeOf(pictures).toEqualTypeOf<EmbeddingModel<ImageType, string>>()
  expectTypeOf(embeddingModel({ name: 'same', embed: embedImage })).toEqualTypeOf<EmbeddingModel<ImageType, MediaInput>>()
  const searchable = posts.embeddingIndex('body', words).embeddingIndex('photo', pictures)
  type Search = (post: Parameters<Parameters<typeof searchable.computed>[1]>[0]) => void
  const search: Search = (post) => {
    post.body.similarity('cars')
    post.photo.similarity('a red car', { index: 'photo' })
    post.photo.similarity(post.body)
    // @ts-expect-error a text model does not embed numbers
    post.body.similarity(5)
    // @ts-expect-error no index on this one
    post.note.similarity('x')
  }
  void search
  // @ts-expect-error the model is for images
  expect(() => posts.embeddingIndex('body', pictures)).toThrow("embeds image, but the column 'body' is text")
  // @ts-expect-error no such column
  expect(() => posts.embeddingIndex('bodi', words)).toThrow("did you mean 'body'?")
})

test('the options of a function are these', () => {
  expectTypeOf<keyof FunctionOptions>().toEqualTypeOf<
    'name' | 'input' | 'output' | 'batch' | 'pool' | 'concurrency' | 'timeoutMs' | 'retry' | 'memo' | 'version'
  >()
  const all = udf(
    {
      name: 'all',
      input: [t.text(), t.int().nullable().default(1)],
      output: t.text().nullable(),
      batch: 2,
      pool: 'gpu',
      concurrency: 1,
      timeoutMs: 10,
      retry: { attempts: 2, backoff: 'constant', initialMs: 1, maxMs: 10 },
      memo: false,
      version: '1',
    },
    (texts, numbers) => {
      expectTypeOf(numbers).toEqualTypeOf<readonly (number | null)[]>()
      return texts
    },
  )
  expectTypeOf(all.definition).toEqualTypeOf<FunctionDefinition>()
  expectTypeOf(all('a', 3)).toEqualTypeOf<string>()
  expectTypeOf(all('a')).toEqualTypeOf<string>()
  expectTypeOf(all.expression('a')).toEqualTypeOf<TextExpression<string, null>>()
  // @ts-expect-error a batch has a number of rows
  void (() => udf({ input: [], output: t.int(), batch: true }, () => [1]))
  // @ts-expect-error a pool has a name
  void (() => udf({ input: [], output: t.int(), pool: 3 }, () => 1))
  // @ts-expect-error no such backoff
  void (() => udf({ input: [], output: t.int(), retry: { backoff: 'linear' } }, () => 1))
  // @ts-expect-error a time-out is a number
  void (() => udf({ input: [], output: t.int(), timeoutMs: '1s' }, () => 1))
  // @ts-expect-error a version is a text
  void (() => udf({ input: [], output: t.int(), version: 1 }, () => 1))
  // @ts-expect-error inputs are a list of columns
  void (() => udf({ input: t.text(), output: t.int() }, () => 1))
  // @ts-expect-error what does it give?
  void (() => udf({ input: [t.text()] }, () => 1))
  // @ts-expect-error the code takes what the inputs are
  void (() => udf({ input: [t.text()], output: t.int() }, (n: number) => n))
})

test('a function sees its context, and may use resources', () => {
  expectTypeOf<keyof FunctionContext>().toEqualTypeOf<'signal' | 'attempt' | 'log' | 'secrets' | 'id' | 'ids' | 'idempotencyKey' | 'idempotencyKeys' | 'use'>()
  const model = resource({
    name: 'model',
    scope: 'thread',
    create: ({ secrets, signal }) => {
      expectTypeOf(secrets).toEqualTypeOf<Readonly<Record<string, string>>>()
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      return Promise.resolve({ run: (text: string) => text.length })
    },
    dispose: (loaded) => expectTypeOf(loaded).toEqualTypeOf<{ run: (text: string) => number }>() as never,
  })
  expectTypeOf(model).toEqualTypeOf<Resource<{ run: (text: string) => number }>>()
  expectTypeOf(model.with({ run: () => 1 })).toEqualTypeOf<ResourceOverride<{ run: (text: string) => number }>>()
  const measured = udf({ name: 'measured', input: [t.text()], output: t.int() }, async (text, { use, log, attempt, id, idempotencyKey }) => {
    log.info('measuring', { attempt, id, idempotencyKey })
    const loaded = await use(model)
    expectTypeOf(loaded.run(text)).toEqualTypeOf<number>()
    return loaded.run(text)
  })
  expectTypeOf((text: string) => measured(text)).returns.toEqualTypeOf<Promise<number>>()
  // @ts-expect-error a resource has a name
  void (() => resource({ create: () => 1 }))
  // @ts-expect-error no such scope
  resource({ name: 'x', create: () => 1, scope: 'process' })
  // @ts-expect-error another value than it creates
  model.with({ run: (n: number) => n })
})

test('a model is made of functions that give vectors', () => {
  const vector = udf({ name: 'vector', input: [t.text(), t.int().default(1)], output: t.vector(3) }, () => [1, 2, 3])
  expectTypeOf(embeddingModel({ name: 'm', embed: vector })).toEqualTypeOf<EmbeddingModel<TextType, string>>()
  // @ts-expect-error a function that gives no vector
  expect(() => embeddingModel({ name: 'm', embed: wordCount })).toThrow('vectors')
  // @ts-expect-error a model has a name
  void (() => embeddingModel({ embed: vector }))
  // @ts-expect-error what embeds nothing
  void (() => embeddingModel({ name: 'm', embed: today }))
})

import type {
  ArrayExpression,
  ArrayType,
  AudioExpression,
  BigintExpression,
  BinaryType,
  BooleanExpression,
  CellError,
  CellStatus,
  Comparable,
  DateExpression,
  DocumentExpression,
  Expression,
  ExpressionByKind,
  FileExpression,
  HasCell,
  ImageExpression,
  JsonExpression,
  MediaMetadata,
  NumberExpression,
  Ordered,
  ReadRow,
  RecordExpression,
  Row,
  SchemaOf,
  Selected,
  TextExpression,
  TextType,
  TimestampExpression,
  UuidExpression,
  ValueType,
  VectorExpression,
  VideoExpression,
} from 'vivant'
import { expect, expectTypeOf, test } from 'vitest'
import { embeddingModel, lit, now, obj, prompt, t, table, udf, when } from 'vivant'

const words = embeddingModel({ name: 'words', embed: udf({ name: 'embed', input: [t.text()], output: t.vector(3) }, () => [1, 2, 3]) })
const things = table('things', {
  text: t.text(),
  maybeText: t.text().nullable(),
  number: t.int(),
  maybeNumber: t.float().nullable(),
  big: t.bigint(),
  maybeBig: t.bigint().nullable(),
  yes: t.boolean(),
  maybe: t.boolean().nullable(),
  at: t.timestamp(),
  maybeAt: t.timestamp().nullable(),
  day: t.date(),
  id: t.uuid(),
  raw: t.binary(),
  json: t.json<{ a?: { b: number[] }; c: string | null }>(),
  song: t.record({ tempo: t.float(), key: t.text().nullable() }),
  tags: t.array(t.text()),
  days: t.array(t.date()).nullable(),
  vector: t.vector(3),
  other: t.vector(4),
  image: t.image(),
  maybeImage: t.image().nullable(),
  video: t.video(),
  audio: t.audio(),
  paper: t.document(),
  file: t.file(),
})
  .computed('loud', (x) => x.text.upper())
  .embeddingIndex('text', words)

type Things = SchemaOf<typeof things>
/** Only compiled where the callback says so, else run with the row of a computed column as well. */
function withRow(use: (x: Row<Things>) => Expression): void {
  things.computed('new', use)
}

type Methods<X> = Exclude<keyof X, symbol>
type Common = 'eq' | 'ne' | 'in' | 'isNull' | 'orElse' | 'cast'
type Order = 'gt' | 'gte' | 'lt' | 'lte' | 'between'

test('each kind has these methods, and no others', () => {
  expectTypeOf<keyof ExpressionByKind<ValueType, null>>().toEqualTypeOf<
    | 'text'
    | 'number'
    | 'bigint'
    | 'boolean'
    | 'timestamp'
    | 'date'
    | 'uuid'
    | 'binary'
    | 'json'
    | 'record'
    | 'array'
    | 'vector'
    | 'image'
    | 'video'
    | 'audio'
    | 'document'
    | 'file'
  >()
  type Text = 'concat' | 'upper' | 'lower' | 'trim' | 'length' | 'like' | 'ilike' | 'contains' | 'startsWith' | 'replace' | 'split' | 'similarity'
  type Medium = Common | 'metadata' | 'sizeBytes' | 'mimeType' | 'similarity'
  expectTypeOf<Methods<Comparable<BinaryType, null>>>().toEqualTypeOf<Common>()
  expectTypeOf<Methods<Ordered<TextType, null>>>().toEqualTypeOf<Common | Order>()
  expectTypeOf<Methods<TextExpression<string, null>>>().toEqualTypeOf<Common | Order | Text>()
  expectTypeOf<Methods<NumberExpression<null>>>().toEqualTypeOf<Common | Order | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'abs' | 'round'>()
  expectTypeOf<Methods<BigintExpression<null>>>().toEqualTypeOf<Common | Order | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'abs'>()
  expectTypeOf<Methods<BooleanExpression<null>>>().toEqualTypeOf<Common | 'and' | 'or' | 'not'>()
  expectTypeOf<Methods<TimestampExpression<null>>>().toEqualTypeOf<Common | Order | 'extract' | 'trunc' | 'add' | 'sub'>()
  expectTypeOf<Methods<DateExpression<null>>>().toEqualTypeOf<Common | Order | 'extract' | 'add' | 'sub'>()
  expectTypeOf<Methods<UuidExpression<null>>>().toEqualTypeOf<Common | Order>()
  expectTypeOf<Methods<JsonExpression<unknown, null>>>().toEqualTypeOf<Common | 'at' | 'as'>()
  expectTypeOf<Methods<ArrayExpression<ArrayType, null>>>().toEqualTypeOf<Common | 'at' | 'length' | 'contains'>()
  expectTypeOf<Methods<VectorExpression<3, null>>>().toEqualTypeOf<Common | 'similarity' | 'distance'>()
  expectTypeOf<Methods<ImageExpression<null>>>().toEqualTypeOf<Medium | 'width' | 'height'>()
  expectTypeOf<Methods<VideoExpression<null>>>().toEqualTypeOf<Medium | 'width' | 'height' | 'duration'>()
  expectTypeOf<Methods<AudioExpression<null>>>().toEqualTypeOf<Medium | 'duration'>()
  expectTypeOf<Methods<DocumentExpression<null>>>().toEqualTypeOf<Medium | 'pageCount'>()
  expectTypeOf<Methods<FileExpression<null>>>().toEqualTypeOf<Medium>()
})

test('a column gives the expression of its kind', () => {
  withRow((x) => {
    expectTypeOf(x.maybeText).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.number).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.big).toEqualTypeOf<BigintExpression<never>>()
    expectTypeOf(x.yes).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.at).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(x.day).toEqualTypeOf<DateExpression<never>>()
    expectTypeOf(x.id).toEqualTypeOf<UuidExpression<never>>()
    expectTypeOf(x.raw).toEqualTypeOf<Comparable<BinaryType, never>>()
    expectTypeOf(x.song).toExtend<RecordExpression<{}, never>>()
    expectTypeOf(x.tags).toEqualTypeOf<ArrayExpression<ArrayType<TextType>, never>>()
    expectTypeOf(x.vector).toEqualTypeOf<VectorExpression<3, never>>()
    expectTypeOf(x.maybeImage).toEqualTypeOf<ImageExpression<null>>()
    expectTypeOf(x.video).toEqualTypeOf<VideoExpression<never>>()
    expectTypeOf(x.audio).toEqualTypeOf<AudioExpression<never>>()
    expectTypeOf(x.paper).toEqualTypeOf<DocumentExpression<never>>()
    expectTypeOf(x.file).toEqualTypeOf<FileExpression<never>>()
    expectTypeOf(x._id).toEqualTypeOf<NumberExpression<never>>()
    // an iterator's view has these, a table has not
    // @ts-expect-error a table has no parent
    expect(() => void x.parent).toThrow("no column 'parent'")
    return x.number
  })
})

test('what every expression can do', () => {
  withRow((x) => {
    expectTypeOf(x.raw.eq(x.raw)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.raw.eq(new Uint8Array())).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.number.ne(x.maybeNumber)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.id.in([crypto.randomUUID()])).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.maybeText.in([])).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.maybeText.isNull()).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.maybeNumber.orElse(1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.maybeNumber.orElse(x.maybeNumber)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.maybeImage.orElse(x.image)).toEqualTypeOf<ImageExpression<never>>()
    expectTypeOf(x.number.cast(t.text())).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.maybeNumber.cast(t.bigint())).toEqualTypeOf<BigintExpression<null>>()
    // @ts-expect-error a number among texts
    expect(() => x.text.in(['a', 3])).toThrow()
    // @ts-expect-error another type in its place
    expect(() => x.maybeNumber.orElse('none')).toThrow()
    // @ts-expect-error a type is given by t
    expect(() => x.number.cast('text')).toThrow()
    // @ts-expect-error whether it is null is asked without an argument
    void (() => x.text.isNull(3))
    return x.number
  })
})

test('what has an order is compared', () => {
  withRow((x) => {
    expectTypeOf(x.number.gt(1)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.number.gte(x.maybeNumber)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.text.lt('b')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.at.lte(new Date())).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.day.lte('2020-01-01')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.big.gt(3n)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.number.between(1, 2)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.number.between(x.maybeNumber, 2)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.maybeNumber.between(1, 2)).toEqualTypeOf<BooleanExpression<null>>()
    // @ts-expect-error one end is text
    expect(() => x.number.between(1, 'b')).toThrow()
    // @ts-expect-error an image has no order
    void x.image.gt
    // @ts-expect-error nor has JSON
    void x.json.lt
    // @ts-expect-error a timestamp with a day's text
    expect(() => x.at.gt(x.day)).toThrow()
    return x.number
  })
})

test('numbers', () => {
  withRow((x) => {
    expectTypeOf(x.number.add(1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.number.sub(x.maybeNumber)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.maybeNumber.mul(2)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.number.div(2)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.number.mod(2)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.number.abs()).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.maybeNumber.round()).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.number.round(2)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.big.add(1n)).toEqualTypeOf<BigintExpression<never>>()
    expectTypeOf(x.big.sub(x.maybeBig)).toEqualTypeOf<BigintExpression<null>>()
    expectTypeOf(x.maybeBig.mul(2n)).toEqualTypeOf<BigintExpression<null>>()
    expectTypeOf(x.big.div(2n)).toEqualTypeOf<BigintExpression<null>>()
    expectTypeOf(x.big.mod(2n)).toEqualTypeOf<BigintExpression<null>>()
    expectTypeOf(x.big.abs()).toEqualTypeOf<BigintExpression<never>>()
    // @ts-expect-error a number with text
    expect(() => x.number.add('1')).toThrow()
    // @ts-expect-error a number with a bigint's column
    expect(() => x.number.mul(x.big)).toThrow()
    // @ts-expect-error digits are a number, not an expression
    expect(() => x.number.round(x.number)).toThrow()
    // @ts-expect-error a bigint has no digits after the point
    void x.big.round
    return x.number
  })
})

test('text', () => {
  withRow((x) => {
    expectTypeOf(x.text.concat('!')).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.text.concat(x.maybeText)).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.text.upper()).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.maybeText.lower()).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.text.trim()).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.maybeText.length()).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.text.like('a%')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.maybeText.ilike('a%')).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.text.contains('a')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.text.startsWith(x.maybeText)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.text.replace('a', 'b')).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.maybeText.split(',')).toEqualTypeOf<ArrayExpression<ArrayType<TextType>, null>>()
    // @ts-expect-error a number is no text
    expect(() => x.text.concat(3)).toThrow()
    // @ts-expect-error nor is a number's column
    expect(() => x.text.contains(x.number)).toThrow()
    // @ts-expect-error a pattern is a text, not an expression
    expect(() => x.text.like(x.text)).toThrow()
    // @ts-expect-error what is replaced is a text
    expect(() => x.text.replace(/a/u, 'b')).toThrow()
    // @ts-expect-error by what it is split is a text
    expect(() => x.text.split()).toThrow()
    return x.text
  })
})

test('booleans', () => {
  withRow((x) => {
    expectTypeOf(x.yes.and(true)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.yes.and(x.maybe)).toEqualTypeOf<BooleanExpression<null>>()
    expectTypeOf(x.yes.or(x.number.gt(1))).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.maybe.not()).toEqualTypeOf<BooleanExpression<null>>()
    // @ts-expect-error a number is no condition
    expect(() => x.yes.and(1)).toThrow()
    // @ts-expect-error nor is text
    expect(() => x.yes.or(x.text)).toThrow()
    return x.yes
  })
})

test('times', () => {
  withRow((x) => {
    for (const field of ['year', 'month', 'day', 'dayOfWeek', 'hour', 'minute', 'second', 'epoch'] as const)
      expectTypeOf(x.maybeAt.extract(field)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.at.trunc('month')).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(x.at.add({ years: 1, months: 1, weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1 })).toEqualTypeOf<
      TimestampExpression<never>
    >()
    expectTypeOf(x.maybeAt.sub({ days: 1 })).toEqualTypeOf<TimestampExpression<null>>()
    expectTypeOf(x.day.extract('dayOfWeek')).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.day.add({ weeks: 2 })).toEqualTypeOf<DateExpression<never>>()
    expectTypeOf(x.day.sub({ years: 1 })).toEqualTypeOf<DateExpression<never>>()
    // @ts-expect-error no such field
    expect(() => x.at.extract('century')).toThrow()
    // @ts-expect-error a date has no hour
    expect(() => x.day.extract('hour')).toThrow()
    // @ts-expect-error a week is no beginning
    expect(() => x.at.trunc('week')).toThrow()
    // @ts-expect-error a duration has units
    expect(() => x.at.add(3)).toThrow()
    // @ts-expect-error no such unit
    expect(() => x.at.sub({ day: 1 })).toThrow()
    // @ts-expect-error a date has no beginning of the month
    void x.day.trunc
    return x.at
  })
})

test('JSON, records, arrays', () => {
  withRow((x) => {
    expectTypeOf(x.json.at('c')).toEqualTypeOf<JsonExpression<string, null>>()
    expectTypeOf(x.json.at('a', 'b', 0)).toEqualTypeOf<JsonExpression<number, null>>()
    expectTypeOf(x.json.as(t.text())).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.json.at('a', 'b').as(t.array(t.int()))).toExtend<Expression>()
    expectTypeOf(x.song.tempo).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(x.song.key).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.song.isNull()).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.tags.at(0)).toEqualTypeOf<TextExpression<string, null>>()
    expectTypeOf(x.days.at(1)).toEqualTypeOf<DateExpression<null>>()
    expectTypeOf(x.days.length()).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.tags.contains('a')).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(x.tags.contains(x.maybeText)).toEqualTypeOf<BooleanExpression<null>>()
    // @ts-expect-error an index is a number
    void (() => x.json.at('a', 'b', 'first'))
    // @ts-expect-error a type is given by t
    expect(() => x.json.as('text')).toThrow()
    // @ts-expect-error the record has no such field
    void x.song.title
    // @ts-expect-error an index is a number
    expect(() => x.tags.at('0')).toThrow()
    // @ts-expect-error the elements are text
    expect(() => x.tags.contains(3)).toThrow()
    return x.tags
  })
})

test('vectors', () => {
  withRow((x) => {
    expectTypeOf(x.vector.similarity([1, 2, 3])).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.vector.similarity(new Float32Array(3))).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.vector.distance(x.vector)).toEqualTypeOf<NumberExpression<null>>()
    for (const metric of ['cosine', 'l2', 'innerProduct'] as const)
      expectTypeOf(x.vector.distance([1, 2, 3], { metric })).toEqualTypeOf<NumberExpression<null>>()
    // @ts-expect-error text is no vector
    expect(() => x.vector.similarity('cats')).toThrow()
    // @ts-expect-error another number of dimensions
    expect(() => x.vector.distance(x.other)).toThrow()
    // @ts-expect-error no such metric
    void (() => x.vector.distance([1, 2, 3], { metric: 'manhattan' }))
    return x.vector
  })
})

test('media tell of their content without its being read', () => {
  withRow((x) => {
    expectTypeOf(x.image.metadata).toEqualTypeOf<JsonExpression<MediaMetadata, never>>()
    expectTypeOf(x.maybeImage.sizeBytes).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.file.mimeType).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(x.image.height).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.video.width).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.video.duration).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.audio.duration).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.paper.pageCount).toEqualTypeOf<NumberExpression<null>>()
    // @ts-expect-error an audio has no width
    void x.audio.width
    // @ts-expect-error a file of any kind has no pages
    void x.file.pageCount
    // @ts-expect-error no index on this one: VivantTypeError<"similarity() needs an embedding index: …">
    void (() => void x.image.similarity('a red car'))
    return x.image.width
  })
})

test('a column with an embedding index is searched by what its model takes', () => {
  withRow((x) => {
    expectTypeOf(x.text.similarity('cats')).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.text.similarity(new Float32Array(3), { index: 'text' })).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(x.text.similarity(x.maybeText)).toEqualTypeOf<NumberExpression<null>>()
    // @ts-expect-error the model does not embed numbers
    void (() => x.text.similarity(5))
    // @ts-expect-error no such option
    void (() => x.text.similarity('cats', { metric: 'l2' }))
    // it is text still
    expectTypeOf(x.text.upper()).toEqualTypeOf<TextExpression<string, never>>()
    return x.text
  })
})

test('a computed column has a cell in a query, whose parts and whole can be selected', () => {
  type Query = ReadRow<Things>
  expectTypeOf<keyof HasCell['cell']>().toEqualTypeOf<'status' | 'error' | 'attempts' | 'computedAt' | 'micros' | 'version'>()
  expectTypeOf<Query['loud']['cell']['status']>().toEqualTypeOf<TextExpression<CellStatus, never>>()
  expectTypeOf<Query['loud']['cell']['error']>().toEqualTypeOf<JsonExpression<CellError, null>>()
  expectTypeOf<Query['loud']['cell']['attempts']>().toEqualTypeOf<NumberExpression<null>>()
  expectTypeOf<Query['loud']['cell']['computedAt']>().toEqualTypeOf<TimestampExpression<null>>()
  expectTypeOf<Query['loud']['cell']['version']>().toEqualTypeOf<NumberExpression<null>>()
  interface Cell {
    status: CellStatus
    error: CellError | null
    attempts: number | null
    computedAt: Date | null
    micros: number | null
    version: number | null
  }
  expectTypeOf<Selected<{ cell: Query['loud']['cell'] }>['cell']>().toExtend<Cell>()
  expectTypeOf<Cell>().toExtend<Selected<{ cell: Query['loud']['cell'] }>['cell']>()
  withRow((x) => {
    // @ts-expect-error cells are asked for by queries: a column made from a state would not follow it
    void x.loud.cell
    return x.loud
  })
})

test('when, lit, now, obj and prompt', () => {
  withRow((x) => {
    expectTypeOf(when(x.maybe, x.number, 1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(when(x.yes, x.image, x.maybeImage)).toEqualTypeOf<ImageExpression<null>>()
    expectTypeOf(lit('a')).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(lit(1)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(lit(1n)).toEqualTypeOf<BigintExpression<never>>()
    expectTypeOf(lit(true)).toEqualTypeOf<BooleanExpression<never>>()
    expectTypeOf(lit(new Date())).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(now()).toEqualTypeOf<TimestampExpression<never>>()
    expectTypeOf(obj({ a: x.text, b: { at: x.at, big: x.maybeBig, raw: x.raw, vector: x.vector, image: x.image } })).toEqualTypeOf<
      JsonExpression<{ a: string; b: { at: string; big: string | null; raw: string; vector: readonly number[]; image: string } }, never>
    >()
    expectTypeOf(prompt`${x.text} of ${x.at}, ${1n}, ${true}`).toEqualTypeOf<TextExpression<string, never>>()
    // @ts-expect-error a condition is an expression
    void (() => when(true, 'a', 'b'))
    // @ts-expect-error a list is no literal
    expect(() => lit([1])).toThrow()
    // @ts-expect-error an object is no literal
    expect(() => lit({ a: 1 })).toThrow()
    // @ts-expect-error obj takes expressions: lit(1)
    expect(() => obj({ a: 1 })).toThrow()
    // @ts-expect-error null has no text
    void (() => prompt`${null}`)
    // @ts-expect-error now() takes nothing
    void (() => now('UTC'))
    return x.text
  })
})

import type { BoundedColumnBuilder, Column, ColumnBuilder, ColumnTypes } from 'vivant'
import type {
  ArrayType,
  AudioType,
  BigintType,
  BinaryType,
  BooleanType,
  DateType,
  DocumentType,
  FileType,
  ImageType,
  Insertable,
  Json,
  JsonType,
  NumberType,
  RecordType,
  Selectable,
  TextType,
  TimestampType,
  UuidType,
  VectorType,
  VideoType,
} from 'vivant'
import { expect, expectTypeOf, test } from 'vitest'
import { t, table } from 'vivant'
import { z } from 'zod'

test('the types of columns are these, each with its builder', () => {
  expectTypeOf<keyof ColumnTypes>().toEqualTypeOf<
    | 'text'
    | 'int'
    | 'float'
    | 'bigint'
    | 'boolean'
    | 'timestamp'
    | 'date'
    | 'uuid'
    | 'binary'
    | 'json'
    | 'record'
    | 'enum'
    | 'array'
    | 'vector'
    | 'image'
    | 'video'
    | 'audio'
    | 'document'
    | 'file'
  >()
  expectTypeOf(t.text()).toEqualTypeOf<BoundedColumnBuilder<TextType, never>>()
  expectTypeOf(t.int()).toEqualTypeOf<BoundedColumnBuilder<NumberType, never>>()
  expectTypeOf(t.float()).toEqualTypeOf<BoundedColumnBuilder<NumberType, never>>()
  expectTypeOf(t.bigint()).toEqualTypeOf<BoundedColumnBuilder<BigintType, never>>()
  expectTypeOf(t.boolean()).toEqualTypeOf<ColumnBuilder<BooleanType, never>>()
  expectTypeOf(t.timestamp()).toEqualTypeOf<ColumnBuilder<TimestampType, never>>()
  expectTypeOf(t.date()).toEqualTypeOf<ColumnBuilder<DateType, never>>()
  expectTypeOf(t.uuid()).toEqualTypeOf<ColumnBuilder<UuidType, never>>()
  expectTypeOf(t.binary()).toEqualTypeOf<ColumnBuilder<BinaryType, never>>()
  expectTypeOf(t.json()).toEqualTypeOf<ColumnBuilder<JsonType<Json>, never>>()
  expectTypeOf(t.json<{ a: 1 }>()).toEqualTypeOf<ColumnBuilder<JsonType<{ a: 1 }>, never>>()
  expectTypeOf(t.json(z.object({ a: z.number().default(1) }))).toEqualTypeOf<ColumnBuilder<JsonType<{ a: number }, { a?: number | undefined }>, never>>()
  expectTypeOf(t.record({ a: t.int(), b: t.text().nullable() })).toEqualTypeOf<
    ColumnBuilder<RecordType<{ readonly a: Column<NumberType>; readonly b: Column<TextType, 'nullable'> }>, never>
  >()
  expectTypeOf(t.enum('a', 'b')).toEqualTypeOf<ColumnBuilder<TextType<'a' | 'b'>, never>>()
  expectTypeOf(t.array(t.date())).toEqualTypeOf<ColumnBuilder<ArrayType<DateType>, never>>()
  expectTypeOf(t.array(t.array(t.int()))).toEqualTypeOf<ColumnBuilder<ArrayType<ArrayType<NumberType>>, never>>()
  expectTypeOf(t.vector(3)).toEqualTypeOf<ColumnBuilder<VectorType<3>, never>>()
  expectTypeOf(t.image()).toEqualTypeOf<ColumnBuilder<ImageType, never>>()
  expectTypeOf(t.video()).toEqualTypeOf<ColumnBuilder<VideoType, never>>()
  expectTypeOf(t.audio()).toEqualTypeOf<ColumnBuilder<AudioType, never>>()
  expectTypeOf(t.document()).toEqualTypeOf<ColumnBuilder<DocumentType, never>>()
  expectTypeOf(t.file()).toEqualTypeOf<ColumnBuilder<FileType, never>>()
})

type Methods<B> = Exclude<keyof B, symbol>

test('each modifier adds its flag and keeps the others', () => {
  type Modifier = 'nullable' | 'default' | 'unique' | 'primaryKey' | 'references' | 'check' | 'describe'
  expectTypeOf<Methods<ColumnBuilder<TextType, never>>>().toEqualTypeOf<Modifier>()
  expectTypeOf<Methods<BoundedColumnBuilder<TextType, never>>>().toEqualTypeOf<Modifier | 'min' | 'max'>()
  const others = table('others', { slug: t.text().unique() })

  expectTypeOf(t.date().nullable()).toEqualTypeOf<ColumnBuilder<DateType, 'nullable'>>()
  expectTypeOf(t.date().default('2020-01-01')).toEqualTypeOf<ColumnBuilder<DateType, 'default'>>()
  expectTypeOf(t.date().unique()).toEqualTypeOf<ColumnBuilder<DateType, 'unique'>>()
  expectTypeOf(t.date().primaryKey()).toEqualTypeOf<ColumnBuilder<DateType, 'unique'>>()
  expectTypeOf(t.date().references('others')).toEqualTypeOf<ColumnBuilder<DateType, never>>()
  expectTypeOf(t.date().check((day) => day.gt('2000-01-01'))).toEqualTypeOf<ColumnBuilder<DateType, never>>()
  expectTypeOf(t.date().describe('born')).toEqualTypeOf<ColumnBuilder<DateType, never>>()

  // what has limits keeps them through every modifier, in any order
  expectTypeOf(t.text().min(1).max(9)).toEqualTypeOf<BoundedColumnBuilder<TextType, never>>()
  expectTypeOf(t.text().nullable().min(1)).toEqualTypeOf<BoundedColumnBuilder<TextType, 'nullable'>>()
  expectTypeOf(t.text().default('x').min(1)).toEqualTypeOf<BoundedColumnBuilder<TextType, 'default'>>()
  expectTypeOf(t.text().unique().min(1)).toEqualTypeOf<BoundedColumnBuilder<TextType, 'unique'>>()
  expectTypeOf(t.text().primaryKey().min(1)).toEqualTypeOf<BoundedColumnBuilder<TextType, 'unique'>>()
  expectTypeOf(t.text().references(others, { column: 'slug', onDelete: 'cascade' }).min(1)).toEqualTypeOf<BoundedColumnBuilder<TextType, never>>()
  expectTypeOf(
    t
      .text()
      .check((text) => text.like('a%'))
      .min(1),
  ).toEqualTypeOf<BoundedColumnBuilder<TextType, never>>()
  expectTypeOf(t.text().describe('name').min(1)).toEqualTypeOf<BoundedColumnBuilder<TextType, never>>()
  expectTypeOf(t.text().nullable().unique().default('x').describe('all')).toEqualTypeOf<BoundedColumnBuilder<TextType, 'nullable' | 'unique' | 'default'>>()
})

test('what a column holds is what is read, and what may be written', () => {
  const all = table('all', {
    text: t.text(),
    bigint: t.bigint(),
    boolean: t.boolean(),
    timestamp: t.timestamp(),
    binary: t.binary(),
    list: t.array(t.timestamp()),
    vector: t.vector(2),
    given: t.int().default(1),
    nothing: t.int().nullable(),
  })
  expectTypeOf<Selectable<typeof all>>().toEqualTypeOf<{
    _id: number
    text: string
    bigint: bigint
    boolean: boolean
    timestamp: Date
    binary: Uint8Array
    list: readonly Date[]
    vector: Float32Array
    given: number
    nothing: number | null
  }>()
  expectTypeOf<Insertable<typeof all>>().toEqualTypeOf<{
    text: string
    bigint: bigint | number
    boolean: boolean
    timestamp: Date | string
    binary: Uint8Array
    list: readonly (Date | string)[]
    vector: Float32Array | readonly number[]
    given?: number
    nothing?: number | null
  }>()
})

test('what a builder does not take is a compile error', () => {
  // @ts-expect-error a default is a value of the type
  expect(() => t.int().default('1')).toThrow()
  // @ts-expect-error null is not a default: a nullable column has it anyway
  void (() => t.int().nullable().default(null))
  // @ts-expect-error limits are numbers
  void (() => t.text().min('1'))
  // @ts-expect-error a boolean has no limits
  void t.boolean().min
  // @ts-expect-error nor has an enum
  void t.enum('a').max
  // @ts-expect-error a table is given by its definition, its handle or its name
  expect(() => t.int().references(5)).toThrow()
  // @ts-expect-error no such action
  void (() => t.int().references('x', { onDelete: 'forget' }))
  // @ts-expect-error a vector has a number of dimensions
  expect(() => t.vector()).toThrow()
  // @ts-expect-error an array has elements of a type
  expect(() => t.array('text')).toThrow()
  // @ts-expect-error fields are columns
  expect(() => t.record({ a: 'text' })).toThrow()
  // @ts-expect-error the values of an enum are texts
  void (() => t.enum(1, 2))
  // @ts-expect-error an asynchronous function is no schema
  void (() => t.json(async () => true))
  // @ts-expect-error a rule has methods of the column's type
  expect(() => t.text().check((text) => text.gt(3))).toThrow()
  // @ts-expect-error what describes is text
  void (() => t.text().describe(3))
  // @ts-expect-error `unique` of a table takes groups of columns
  void (() => table('x', { a: t.int() }, { unique: ['a'] }))
  // @ts-expect-error no such option
  void (() => table('x', { a: t.int() }, { indexes: [['a']] }))
})
